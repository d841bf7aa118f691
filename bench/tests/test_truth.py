from datetime import UTC, datetime

from analytics.domain.clicks import Click, Visitor
from bench.truth import Row, Truth

AT = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
PERSON = Visitor(
    is_bot=False,
    country="CH",
    device="desktop",
    browser="Firefox",
    os="Linux",
    referrer="direct",
    language="de",
)
LINK: Row = ("link", "abc", "")
DAY: Row = ("day", "abc", "2026-11-22")
USER: Row = ("user", "ann", "")
RIGHT = {
    LINK: {"clicks": 2, "botClicks": 1},
    DAY: {
        "clicks": 2, "botClicks": 1, "h13": 2, "b13": 1, "c:CH": 1, "c:DE": 1,
        "d:desktop": 2, "w:Firefox": 2, "o:Linux": 2, "r:direct": 2, "l:de": 2,
    },
    USER: {"totalClicks": 2},
}  # fmt: skip


def truth() -> Truth:
    counted = Truth()
    for visitor in (PERSON, PERSON._replace(country="DE"), PERSON._replace(is_bot=True)):
        counted.count([Click("abc", "ann", "p", 0, AT, visitor)])
    return counted


def test_what_is_right_is_not_different() -> None:
    assert truth().rows == RIGHT
    assert list(truth().differences(RIGHT)) == []


def test_each_wrong_counter_is_named() -> None:
    wrong = {**RIGHT, LINK: {"clicks": 3}, ("user", "bob", ""): {"totalClicks": 1}}
    assert list(truth().differences(wrong)) == [
        "('link', 'abc', '') botClicks: 0 instead of 1",
        "('link', 'abc', '') clicks: 3 instead of 2",
        "('user', 'bob', '') totalClicks: 1 instead of 0",
    ]


def test_a_bounded_breakdown_has_to_add_up_and_names_nothing_too_often() -> None:
    def with_countries(**numbers: int) -> list[str]:
        rest = {name: number for name, number in RIGHT[DAY].items() if not name.startswith("c:")}
        counts = {**rest, **{f"c:{country}": number for country, number in numbers.items()}}
        return list(truth().differences({**RIGHT, DAY: counts}))

    assert with_countries(CH=1, other=1) == []
    assert with_countries(CH=1, other=2)
    assert with_countries(CH=2)
    assert with_countries(FR=1, other=1)
    assert with_countries()
