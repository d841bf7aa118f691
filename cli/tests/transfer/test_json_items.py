import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hopcount_cli.transfer import json_items as module
from hopcount_cli.transfer.json_items import BadJsonError, json_items

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
LINKS = st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), max_size=5)
PATHS = (("shortUrls", "data"), ("links",))


def read(text: str, *paths: tuple[str, ...]) -> list[Any]:
    return [item for _, item in json_items(io.StringIO(text), *(paths or PATHS))]


@given(LINKS, st.sampled_from([None, 1, 4]), st.integers(1, 40))
def test_links_are_found_wherever_they_stand_and_however_the_text_comes(
    links: list[Any], indent: int | None, piece: int
) -> None:
    pages: list[tuple[Any, list[Any]]] = [
        (links, links),
        ({"total": 3, "links": links, "pagination": {"next": ""}}, links),
        ({"shortUrls": {"data": links, "pagination": {}}}, links),
        ({"links": {f"link_{i}": link for i, link in enumerate(links)}, "stats": {"total": "2"}}, links),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_PIECE", piece)
        for page, expected in pages:
            assert read(json.dumps(page, indent=indent)) == expected
        two = f"{json.dumps(pages[1][0])}\n{json.dumps(pages[2][0])}"
        assert read(two) == links * 2


def test_a_link_by_itself_and_one_on_each_line_are_links() -> None:
    text = '{"long_url": "https://a.example"}\n{"long_url": "https://b.example"}\n'
    assert list(json_items(io.StringIO(text), *PATHS)) == [
        (1, {"long_url": "https://a.example"}),
        (2, {"long_url": "https://b.example"}),
    ]


def test_each_link_knows_its_line() -> None:
    text = json.dumps({"links": [{"a": 1}, {"a": 2, "b": [1, 2]}, {"a": 3}]}, indent=2)
    found = list(json_items(io.StringIO(text), *PATHS))
    assert [text.splitlines()[line - 1].strip() for line, _ in found] == ["{", "{", "{"]
    assert [item["a"] for _, item in found] == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ('{"links": [{"a": 1}, {"a": ', 1),
        ('{"links": [{"a": 1} {"a": 2}]}', 1),
        ('{"links": [{"a": 1}]', 1),
        ('[{"a": 1}, nonsense]', 1),
        ("{1: 2}", 0),
        ("[" * 100_000, 0),
        ('{"links": ' * 10_000, 0),
    ],
)
def test_what_stands_before_the_damage_is_kept(text: str, before: int) -> None:
    items = json_items(io.StringIO(text), *PATHS)
    for _ in range(before):
        next(items)
    with pytest.raises(BadJsonError):
        next(items)


def test_a_value_without_end_is_given_up() -> None:
    class Endless(io.StringIO):
        taken = 0

        def read(self, size: int | None = -1) -> str:
            self.taken += size or 0
            return "x" * (size or 0)

    text = Endless()
    text.seek(0)
    with pytest.raises(BadJsonError):
        list(json_items(_prefixed('{"links": ["', text), *PATHS))
    assert text.taken < 5_000_000


def _prefixed(prefix: str, rest: io.StringIO) -> io.StringIO:
    left = [prefix]

    class Both(io.StringIO):
        def read(self, size: int | None = -1) -> str:
            return left.pop() if left else rest.read(size)

    return Both()


@given(st.text())
def test_junk_is_no_json_and_nothing_worse(text: str) -> None:
    try:
        read(text)
    except BadJsonError:
        return
