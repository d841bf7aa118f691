"""Compare the counters with what the epochs prove, and say what would mend them. Pure: others read and write.

    epochs ──prove──► days ──add up to──► links ──add up to──► users

A row is held against what the rows before it *should* say. So every error is reported once, where it is, and
what mends all of them is what is expected less what is found.

What no epoch proves any more (older days, and rows of a former engine) is taken at its word, and has but to
agree with itself.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from analytics.counting.journal import Entry, RowKey
from analytics.domain.tallies import BOT_HOURS, HOURS, PREFIXES, Counts, Totals, totals

_OTHER = "other"
_ALL_HOURS = (*HOURS, *BOT_HOURS)


@dataclass(frozen=True)
class DayState:
    """A link's counters of one day, as they were read.

    Parameters
    ----------
    numbers
        Every counter, by attribute.
    by
        The incarnation that made the row; a row of a former engine has none.
    erased
        Whether it is but the marker of an erased one.
    """

    numbers: Mapping[str, int]
    by: str | None
    erased: bool = False


@dataclass(frozen=True)
class LinkState:
    """A link's own counters, as they were read.

    Parameters
    ----------
    owner
        The user, also of a deleted link.
    counted
        Its people and machines.
    erased
        Whether it is but the marker of an erased one.
    """

    owner: str
    counted: Totals
    erased: bool = False


@dataclass(frozen=True)
class UserState:
    """A user's total, as it was read; 0 if there is no row."""

    total_clicks: int = 0
    erased: bool = False


@dataclass(frozen=True)
class Rows:
    """The counter rows to be audited.

    Parameters
    ----------
    links
        By short code.
    days
        By short code, then by day. A link that is not in here at all is taken at its word.
    users
        By user id; all links of each are in `links`.
    """

    links: Mapping[str, LinkState]
    days: Mapping[str, Mapping[str, DayState]]
    users: Mapping[str, UserState]


@dataclass
class Proofs:
    """What epochs add up to.

    Parameters
    ----------
    since
        The first UTC day of which every epoch is still kept. May be found to be later while epochs are added.
    codes
        The links that matter; all of them if absent.
    breakdowns
        Whether breakdowns are summed up as well. They take most of the memory, and matter for repairs only.
    incarnations
        Those whose epochs these are.
    """

    since: str
    codes: Collection[str] | None = None
    breakdowns: bool = True
    incarnations: set[str] = field(default_factory=set)
    _sums: dict[str, dict[str, Counts]] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Add one epoch. Its repairs correct counters and are no clicks, so they prove nothing."""
        for (code, _), days in entry.counts.items():
            if self.codes is not None and code not in self.codes:
                continue
            for day, counts in days.items():
                if day >= self.since:
                    self._add_counts(self._sums.setdefault(code, {}).setdefault(day, {}), counts)

    def _add_counts(self, into: Counts, counts: Counts) -> None:
        for name in counts if self.breakdowns else (name for name in _ALL_HOURS if name in counts):
            into[name] = into.get(name, 0) + counts[name]

    def of(self, short_code: str) -> Mapping[str, Counts]:
        """Return the sums of a link, by day that is proved."""
        sums = self._sums.get(short_code, {})
        return {day: counts for day, counts in sums.items() if day >= self.since}

    def covers(self, day: str, row: DayState) -> bool:
        """Tell whether everything that a row counted is proved."""
        return day >= self.since and row.by in self.incarnations


class Drift(NamedTuple):
    """A counter that is not what it should be.

    Parameters
    ----------
    row, attribute
        Where it is.
    expected, found
        What it should be and what it is.
    """

    row: RowKey
    attribute: str
    expected: int
    found: int


def audit(rows: Rows, proofs: Proofs) -> list[Drift]:
    """Return every counter that is not what it should be: days, then links, then users.

    Clicks of links that are not there or erased are counted nowhere, and so are not expected anywhere.
    """
    drifts: dict[str, list[Drift]] = {"day": [], "link": [], "user": []}
    owned: dict[str, int] = {}
    for code, link in sorted(rows.links.items()):
        if link.erased:
            continue
        counted = link.counted
        if code in rows.days:
            counted = Totals(0, 0)
            for row, expected, found in _days(code, rows.days[code], proofs):
                drifts["day"] += _differences(row, expected, found)
                clicks, bot_clicks = expected.get("clicks", 0), expected.get("botClicks", 0)
                counted = Totals(counted.clicks + clicks, counted.bot_clicks + bot_clicks)
            drifts["link"] += _differences(RowKey("link", code), _named(counted), _named(link.counted))
        owned[link.owner] = owned.get(link.owner, 0) + counted.clicks
    for user_id, user in sorted(rows.users.items()):
        if not user.erased:
            total = {"totalClicks": owned.get(user_id, 0)}
            drifts["user"] += _differences(RowKey("user", user_id), total, {"totalClicks": user.total_clicks})
    return [*drifts["day"], *drifts["link"], *drifts["user"]]


def repairs(drifts: Iterable[Drift]) -> dict[RowKey, Counts]:
    """Return what to add to each row, so that it is what it should be; goes into an entry as `repairs`."""
    deltas: dict[RowKey, Counts] = {}
    for drift in drifts:
        deltas.setdefault(drift.row, {})[drift.attribute] = drift.expected - drift.found
    return deltas


def mended(rows: Rows, deltas: Mapping[RowKey, Mapping[str, int]], by: str) -> Rows:
    """Return the rows as they will be once deltas are added to them; others than these are passed over.

    Parameters
    ----------
    rows, deltas
        What there is, and what will be added.
    by
        The incarnation that will make days that are not there.
    """
    links, users = dict(rows.links), dict(rows.users)
    days = {code: dict(states) for code, states in rows.days.items()}
    for row, delta in deltas.items():
        if row.kind == "link" and row.id in links:
            counted = links[row.id].counted
            clicks = counted.clicks + delta.get("clicks", 0)
            bot_clicks = counted.bot_clicks + delta.get("botClicks", 0)
            links[row.id] = replace(links[row.id], counted=Totals(clicks, bot_clicks))
        elif row.kind == "day" and row.id in days:
            state = days[row.id].get(row.day, DayState({}, by))
            numbers = {
                name: state.numbers.get(name, 0) + delta.get(name, 0) for name in {*state.numbers, *delta}
            }
            days[row.id][row.day] = replace(state, numbers=numbers)
        elif row.kind == "user" and row.id in users:
            total = users[row.id].total_clicks + delta.get("totalClicks", 0)
            users[row.id] = replace(users[row.id], total_clicks=total)
    return Rows(links, days, users)


def _days(
    code: str, days: Mapping[str, DayState], proofs: Proofs
) -> Iterator[tuple[RowKey, Mapping[str, int], Mapping[str, int]]]:
    """Yield what each day of a link should say, and what it says."""
    proved = proofs.of(code)
    for day in sorted({*days, *proved}):
        row = days.get(day)
        found = row.numbers if row else {}
        yield RowKey("day", code, day), _expected(day, row, proved.get(day, {}), proofs), found


def _expected(day: str, row: DayState | None, proved: Mapping[str, int], proofs: Proofs) -> Mapping[str, int]:
    """Return what a day should say.

    The hours are what was counted. The people and the machines are their sums, and the people those of each
    breakdown.
    """
    if row is None:
        return {**proved, **_named(totals(proved))}
    if row.erased or row.by is None:
        return row.numbers
    hours = proved if proofs.covers(day, row) else row.numbers
    expected = {
        **row.numbers,
        **{name: hours.get(name, 0) for name in _ALL_HOURS},
        **_named(totals(hours)),
    }
    for prefix in PREFIXES.values():
        expected |= _breakdown(f"{prefix}:", row.numbers, proved, expected["clicks"])
    return expected


def _breakdown(
    prefix: str, found: Mapping[str, int], proved: Mapping[str, int], clicks: int
) -> Mapping[str, int]:
    """Return a breakdown that adds up to the people of its day, changing as little of it as can be.

    Epochs do not tell which values became `other` on their way. So what is missing is `other`, unless what
    the epochs name adds up without it; what is too much is taken from `other`, then from the largest.
    """
    values = {name: max(number, 0) for name, number in found.items() if name.startswith(prefix)}
    named = {name: number for name, number in proved.items() if name.startswith(prefix)}
    other = prefix + _OTHER
    missing = clicks - sum(values.values())
    if missing > 0:
        if sum(named.values()) == clicks and all(named.get(n, 0) >= number for n, number in values.items()):
            return named
        return {**values, other: values.get(other, 0) + missing}
    for name in sorted(values, key=lambda name: (name != other, -values[name], name)):
        taken = min(-missing, values[name])
        values[name] -= taken
        missing += taken
    return values


def _named(counted: Totals) -> Mapping[str, int]:
    return {"clicks": counted.clicks, "botClicks": counted.bot_clicks}


def _differences(row: RowKey, expected: Mapping[str, int], found: Mapping[str, int]) -> Iterator[Drift]:
    for name in sorted({*expected, *found}):
        if expected.get(name, 0) != found.get(name, 0):
            yield Drift(row, name, expected.get(name, 0), found.get(name, 0))
