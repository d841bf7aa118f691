"""What DynamoDB charges for, worked out from item sizes by its published rules.

An item is as large as its attribute names and values in UTF-8. A write costs one unit for each started KB
of the larger of what was and what is there; twice that in a transaction; also if its condition failed. A
strongly consistent read costs one unit for each started 4 KB.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html

Independent of the local DynamoDB, which does sums of its own: two that agree are worth more than one.
"""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

Value = Mapping[str, Any]
Item = Mapping[str, Value]

_CLAUSE = re.compile(r"\b(ADD|SET|REMOVE)\b")


def item_size(item: Item) -> int:
    """Return how many bytes an item is charged as."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Value) -> int:
    """Return how many bytes an attribute's value is charged as.

    Raises
    ------
    ValueError
        For lists and maps, of which there are none in the tables measured here.
    """
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return number_size(content)
    if kind == "B":
        return len(content)
    if kind in {"BOOL", "NULL"}:
        return 1
    if kind == "NS":
        return sum(number_size(number) for number in content)
    if kind in {"SS", "BS"}:
        return sum(len(one.encode() if kind == "SS" else one) for one in content)
    raise ValueError(f"an attribute of type {kind}")


def number_size(text: str) -> int:
    """Return how many bytes an integer is charged as: one, and one for every two significant digits."""
    digits = text.lstrip("-").strip("0")
    return 1 + math.ceil(len(digits) / 2) + text.startswith("-")


def write_units(size: int) -> int:
    """Return what it costs to write an item of a size."""
    return max(1, math.ceil(size / 1024))


def read_units(size: int) -> int:
    """Return what it costs to read so much, strongly consistent."""
    return max(1, math.ceil(size / 4096))


def updated(
    item: Item, expression: str, values: Mapping[str, Value], names: Mapping[str, str] | None = None
) -> dict[str, Value]:
    """Return what an update expression makes of an item.

    Only what the engine writes is understood: `ADD` of numbers and of sets of numbers, `SET` to a value, and
    `REMOVE`.

    Parameters
    ----------
    item
        The item as it is; its key, if there is none yet.
    expression, values, names
        As in the request.

    Raises
    ------
    ValueError
        If the expression says something else.
    """
    changed = dict(item)
    _, *parts = _CLAUSE.split(expression)
    if not parts:
        raise ValueError(expression)
    for clause, actions in zip(parts[::2], parts[1::2], strict=True):
        for action in actions.split(","):
            name, *operand = action.replace("=", " ").split()
            name = (names or {}).get(name, name)
            if clause == "REMOVE" and not operand:
                changed.pop(name, None)
            elif clause != "REMOVE" and len(operand) == 1 and operand[0] in values:
                value = values[operand[0]]
                changed[name] = value if clause == "SET" else _sum(changed.get(name), value)
            else:
                raise ValueError(expression)
    return changed


def _sum(one: Value | None, other: Value) -> Value:
    if "NS" in other:
        return {"NS": sorted({*(one["NS"] if one else ()), *other["NS"]}, key=int)}
    return {"N": str((int(one["N"]) if one else 0) + int(other["N"]))}


def total_size(items: Iterable[Item]) -> int:
    """Return how many bytes several items are charged as."""
    return sum(map(item_size, items))
