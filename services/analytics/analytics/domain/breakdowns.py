"""How a day's breakdowns stay small, whatever strangers send: the top values of each dimension, and `other`.

A row keeps no more than `LIMITS` values of a dimension. What finds no place is added to `other`, and a value
that loses its place moves there with all it has. So a dimension always sums up to the people, and a value's
number is what was counted while it had a place: for a value that never lost it, all of it.

Who has a place is decided by the numbers after each addition; of equals, whoever had one keeps it. That alone
would shut out for the day whoever comes late and a little at a time, since nobody remembers what `other` is
made of. So the largest of those without a place may draw for the last one. Let d be its number now, m the
least number with a place, o what `other` holds:

- No lot while `other` holds at most as much as the least value: nothing larger can hide there.
- Else it wins with `2 d / (o + d)`, twice the chance that a click in `other` is one of its own, but at most
  `d / m`. A value that alone makes up `other` gets in soon after it came as often as the least. Values that
  never come again, however many, win the last place about `2 ln(o / m)` times, and never another.
- But it wins with at least `(d / m)^2 / 8`: where even the least came only once or twice, a throng of values
  that never come again must not keep out one that does.

Lots are drawn by a hash of the numbers, so the same row and the same additions come to the same.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from analytics.domain.tallies import PREFIXES, Counts

OTHER = "other"
"""What the rest of a dimension is called. No value has this name."""

LIMITS: Mapping[str, int] = {
    "country": 16,
    "device": 6,
    "browser": 10,
    "os": 8,
    "referrer": 10,
    "language": 10,
}
"""How many values of each dimension have a place, `other` not counted."""

MAX_ROW_BYTES = 2_400
"""More than a day's row ever takes, so that 368 days are one Query of 1 MB.

With every value at its longest and every counter at nine digits: DynamoDB counts the bytes of the names, and
one for every two digits of a number plus one.
"""

_LIMITS = {f"{PREFIXES[dimension]}:": limit for dimension, limit in LIMITS.items()}


class RowChange(NamedTuple):
    """What to do to a row; no attribute is in both.

    Parameters
    ----------
    add
        What to add to which attribute.
    remove
        Attributes to take away.
    """

    add: Counts
    remove: frozenset[str]


def bound(row: Mapping[str, int], delta: Mapping[str, int]) -> RowChange:
    """Tell how to add to a day's row so that it stays small.

    Parameters
    ----------
    row
        The numbers of the row now, by attribute.
    delta
        What to add. Whatever is of no dimension, such as the hours, passes unchanged.
    """
    add = {name: number for name, number in delta.items() if number and name[:2] not in _LIMITS}
    remove: set[str] = set()
    old, new = _by_dimension(row), _by_dimension(delta)
    for prefix, limit in _LIMITS.items():
        bucket, before, more = prefix + OTHER, old[prefix], new[prefix]
        other, rest = before.pop(bucket, 0), more.pop(bucket, 0)
        after = {name: before.get(name, 0) + more.get(name, 0) for name in {**before, **more}}
        kept = _choose(before, after, other, limit)
        add |= {name: number for name, number in more.items() if number and name in kept}
        rest += sum(number for name, number in after.items() if name not in kept)
        if rest:
            add[bucket] = rest
        remove |= before.keys() - kept
    return RowChange(add, frozenset(remove))


def _by_dimension(counts: Mapping[str, int]) -> dict[str, Counts]:
    values: dict[str, Counts] = {prefix: {} for prefix in _LIMITS}
    for name, number in counts.items():
        into = values.get(name[:2])
        if into is not None:
            into[name] = number
    return values


def _choose(before: Counts, after: Counts, other: int, limit: int) -> set[str]:
    """Return who has a place."""
    values = [name for name, number in after.items() if number > 0]
    if len(values) <= limit:
        return set(values)
    total = other + sum(after.values())
    values.sort(key=lambda name: (-after[name], name not in before, _lot(name, total)))
    kept, left = values[:limit], values[limit:]
    newcomer = next((name for name in left if name not in before), None)
    if newcomer and kept[-1] in before:
        least = after[kept[-1]]
        if _lot(f"{newcomer} draws", total) < _chance(after[newcomer], least, other):
            equals: Sequence[str] = [name for name in kept if name in before and after[name] == least]
            kept.remove(min(equals, key=lambda name: _lot(name, total)))
            kept.append(newcomer)
    return set(kept)


def _chance(number: int, least: int, other: int) -> float:
    if other + number <= least:
        return 0
    return max(min(number / least, 2 * number / (other + number)), (number / least) ** 2 / 8)


def _lot(name: str, total: int) -> float:
    """Draw between 0 and 1."""
    drawn = hashlib.blake2b(f"{total} {name}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn, "big") / 2**64
