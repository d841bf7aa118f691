"""What the counters must say in the end, and whether they do."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from analytics.domain.clicks import Click, Visitor
from analytics.domain.tallies import PREFIXES, Counts, counters_of

OTHER = "other"

Row = tuple[str, str, str]
"""Kind (`link`, `day` or `user`), id, and day."""


class Truth:
    """Every click, counted the plain way."""

    def __init__(self) -> None:
        # Clicks that count as the same, by one of them: there are far fewer of those than there are clicks.
        self._alike: dict[tuple[str, str, datetime, Visitor], int] = {}

    def count(self, clicks: Iterable[Click]) -> None:
        """Count clicks."""
        alike = self._alike
        for click in clicks:
            hour = click.occurred_at.replace(minute=0, second=0, microsecond=0)
            key = (click.short_code, click.user_id, hour, click.visitor)
            alike[key] = alike.get(key, 0) + 1

    @property
    def rows(self) -> Mapping[Row, Counts]:
        """Counters by row."""
        rows: dict[Row, Counts] = {}
        for (code, user, hour, visitor), number in self._alike.items():
            total = "botClicks" if visitor.is_bot else "clicks"
            _add(rows, ("link", code, ""), total, number)
            for counter in (total, *counters_of(Click(code, user, "", 0, hour, visitor))):
                _add(rows, ("day", code, hour.date().isoformat()), counter, number)
            if not visitor.is_bot:
                _add(rows, ("user", user, ""), "totalClicks", number)
        return rows

    def differences(self, found: Mapping[Row, Mapping[str, int]]) -> Iterator[str]:
        """Yield every counter that is wrong, in words.

        A breakdown that was bounded has to add up, and may name no value more often than it came.

        Parameters
        ----------
        found
            Every counter of every row that has one; 0 and absent are the same.
        """
        rows = self.rows
        for row in sorted({*rows, *found}):
            expected, counted = rows.get(row, {}), found.get(row, {})
            for name in sorted({*expected, *counted}):
                right = expected.get(name, 0)
                if ":" not in name and counted.get(name, 0) != right:
                    yield f"{row} {name}: {counted.get(name, 0)} instead of {right}"
            for prefix in PREFIXES.values():
                yield from _breakdown_differences(row, f"{prefix}:", expected, counted)


def _add(rows: dict[Row, Counts], row: Row, counter: str, number: int) -> None:
    counts = rows.setdefault(row, {})
    counts[counter] = counts.get(counter, 0) + number


def _breakdown_differences(
    row: Row, prefix: str, expected: Counts, counted: Mapping[str, int]
) -> Iterator[str]:
    wanted, had = _values(expected, prefix), _values(counted, prefix)
    if sum(wanted.values()) != sum(had.values()):
        yield f"{row} {prefix} adds up to {sum(had.values())} instead of {sum(wanted.values())}"
    bounded = had.get(prefix + OTHER, 0) != wanted.get(prefix + OTHER, 0)
    for name, number in had.items():
        too_many = number > wanted.get(name, 0)
        if name != prefix + OTHER and (too_many or (not bounded and number != wanted.get(name, 0))):
            yield f"{row} {name}: {number} instead of {wanted.get(name, 0)}"


def _values(counts: Mapping[str, int], prefix: str) -> dict[str, int]:
    return {name: number for name, number in counts.items() if name.startswith(prefix)}
