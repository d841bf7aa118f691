import dataclasses
from collections.abc import Iterable
from datetime import timedelta

import pytest
from cli.tests.transfer.fake_service import NOW

from hopcount_cli.transfer.checks import Checker, Unkept
from hopcount_cli.transfer.plan import make_plan
from hopcount_cli.transfer.rows import Record, Row, Unreadable

ROW = Row(1, "https://a.example/", "abc")


def check(*records: Record) -> list[Row | Unkept]:
    with Checker(NOW) as checker:
        return list(checker.check(records))


def reason(record: Record, *before: Record) -> str | None:
    last = check(*before, record)[-1]
    return last.reason if isinstance(last, Unkept) else None


@pytest.mark.parametrize("code", [None, "a", "Z9", "-", "_x-", "a" * 64, "Apple"])
def test_codes_that_can_be_kept(code: str | None) -> None:
    assert reason(dataclasses.replace(ROW, code=code)) is None


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("docs/start", "slash"),
        ("a.b", "other characters"),
        ("café", "other characters"),
        ("a b", "other characters"),
        ("a" * 65, "more than 64"),
        ("ADMIN", "reserved"),
        ("tokens", "reserved"),
    ],
)
def test_codes_that_cannot(code: str, why: str) -> None:
    assert why in str(reason(dataclasses.replace(ROW, code=code)))


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("mailto:a@a.example", "an app or a mailbox"),
        ("acme://open?id=1", "an app or a mailbox"),
        ("javascript:alert(1)", "an app or a mailbox"),
        ("a.example/path", "http://"),
        ("a.example:8080/path", "http://"),
        ("//a.example", "http://"),
        ("https://", "no URL"),
        ("https:///path", "no URL"),
        ("https://[::1/x", "no URL"),
        ("https://me:secret@a.example/", "user name"),
        ("https://a.example/a b", "blanks"),
        ("https://a.example/a\\b", "backslashes"),
        ("https://a.example/" + "a" * 2048, "more than 2,048"),
    ],
)
def test_addresses_that_cannot_be_kept(target: str, why: str) -> None:
    assert why in str(reason(dataclasses.replace(ROW, target=target)))


def test_what_has_expired_is_over() -> None:
    assert reason(dataclasses.replace(ROW, expires_at=NOW)) == "it has expired"
    assert reason(dataclasses.replace(ROW, expires_at=NOW + timedelta(seconds=1))) is None


def test_a_creation_time_to_come_is_dropped_and_told() -> None:
    (row,) = check(dataclasses.replace(ROW, created_at=NOW + timedelta(hours=2)))
    assert isinstance(row, Row)
    assert (row.created_at, row.lost) == (None, ("creation times in the future",))


def test_a_code_is_taken_once_whatever_has_it() -> None:
    first = dataclasses.replace(ROW, domain="go.example")
    assert "same link" in str(reason(first, first))
    assert "another link" in str(reason(dataclasses.replace(first, target="https://b.example/"), first))
    other = dataclasses.replace(first, domain="bit.ly", target="https://b.example/")
    assert "another domain's" in str(reason(other, first))
    assert reason(dataclasses.replace(first, code="ABC"), first) is None, "codes know case"


def test_links_without_a_code_repeat_as_they_like() -> None:
    row = dataclasses.replace(ROW, code=None)
    assert check(row, row) == [row, row]


def test_a_plan_counts_everything_and_lists_the_first() -> None:
    def records() -> Iterable[Record]:
        for number in range(1, 2001):
            yield Unreadable(number, "it is banned", f"b{number}")
        yield dataclasses.replace(ROW, clicks=1200, lost=("tags",))
        yield dataclasses.replace(ROW, code=None)
        yield dataclasses.replace(ROW, line=2003, code="a/b")

    plan = make_plan("Kutt", check(*records()))
    assert list(plan.to_lines()) == [
        "Read as Kutt: 2 links can be made, with 1,200 clicks.",
        "  1 of them get a new code: the file says none.",
        "  Not kept with them: tags (1).",
        "2,001 lines cannot be kept:",
        "  2,000: it is banned",
        "      line 1: b1",
        "      line 2: b2",
        "      line 3: b3",
        "      and 1,997 more",
        "  1: its code has a slash: codes here are one piece",
        "      and 1 more",
    ]
    written = plan.to_json()
    assert (written["links"], written["notKept"], len(written["lines"])) == (2, 2001, 1000)
