import pytest

from bench.capacity import Item, item_size, number_size, read_units, updated, write_units


def test_an_item_is_as_large_as_its_names_and_values() -> None:
    item: Item = {
        "id": {"S": "Zürich"},  # 2 + 7
        "clicks": {"N": "1234"},  # 6 + 3
        "entry": {"B": b"12345"},  # 5 + 5
        "folded": {"BOOL": True},  # 6 + 1
        "claimed": {"NS": ["0", "7", "63"]},  # 7 + 1 + 2 + 2
        "tags": {"SS": ["a", "bc"]},  # 4 + 3
    }
    assert item_size(item) == 9 + 9 + 10 + 7 + 12 + 7


def test_an_unknown_type_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="L"):
        item_size({"list": {"L": []}})


@pytest.mark.parametrize(
    ("number", "size"), [("0", 1), ("5", 2), ("10", 2), ("99", 2), ("100", 2), ("101", 3), ("-7", 3)]
)
def test_a_number_takes_a_byte_for_two_significant_digits_and_one_more(number: str, size: int) -> None:
    assert number_size(number) == size


def test_units_are_started_kilobytes() -> None:
    assert [write_units(size) for size in (0, 1, 1024, 1025, 2048)] == [1, 1, 1, 2, 2]
    assert [read_units(size) for size in (0, 4096, 4097)] == [1, 1, 2]


def test_an_update_is_followed() -> None:
    row: Item = {"id": {"S": "a"}, "clicks": {"N": "4"}, "old": {"N": "1"}, "claimed": {"NS": ["1"]}}
    changed = updated(
        row,
        "ADD clicks :n, #new :n, claimed :set SET #mark = :n REMOVE old, absent",
        {":n": {"N": "3"}, ":set": {"NS": ["1", "2"]}},
        {"#new": "w:Firefox", "#mark": "epoch_x"},
    )
    assert changed == {
        "id": {"S": "a"},
        "clicks": {"N": "7"},
        "w:Firefox": {"N": "3"},
        "claimed": {"NS": ["1", "2"]},
        "epoch_x": {"N": "3"},
    }
    assert row["clicks"] == {"N": "4"}


@pytest.mark.parametrize(
    "expression", ["SET a = a + :n", "SET a = if_not_exists(a, :n)", "DELETE a :n", "ADD a"]
)
def test_an_update_that_is_not_understood_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="a"):
        updated({}, expression, {":n": {"N": "1"}})
