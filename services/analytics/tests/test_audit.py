"""An audit finds every counter that is wrong, and what it says mends them mends them."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from analytics.counting.audit import (
    DayState,
    Drift,
    LinkState,
    Proofs,
    Rows,
    UserState,
    audit,
    mended,
    repairs,
)
from analytics.counting.journal import Entry, RowKey
from analytics.domain.tallies import BOT_HOURS, HOURS, PREFIXES, Counts, LinkKey, Totals, totals

NOW_LIFE, FORMER_LIFE, LOST_LIFE = "now", "former", "lost"
SINCE = "2026-03-01"
OLD_DAY, DAYS = "2026-02-01", ("2026-03-01", "2026-03-02")
OWNERS = {"docs": "ann", "blog": "ann", "shop": "bob"}


@dataclass
class Ledger:
    """Counters as a flawless engine leaves them, and the epochs that it kept."""

    days: dict[str, dict[str, DayState]] = field(default_factory=lambda: {code: {} for code in OWNERS})
    epochs: list[Entry] = field(default_factory=list)

    def count(self, code: str, day: str, counts: Counts, by: str | None = NOW_LIFE) -> None:
        before = self.days[code].get(day, DayState({}, by))
        numbers = {
            name: before.numbers.get(name, 0) + counts.get(name, 0) for name in {*before.numbers, *counts}
        }
        numbers |= {"clicks": totals(numbers).clicks, "botClicks": totals(numbers).bot_clicks}
        self.days[code][day] = DayState(numbers, before.by)
        if by in (NOW_LIFE, FORMER_LIFE):
            self.epochs.append(Entry(counts={LinkKey(code, OWNERS[code]): {day: counts}}))

    def rows(self) -> Rows:
        links = {code: LinkState(owner, self.total(code)) for code, owner in OWNERS.items()}
        users = {
            user: UserState(sum(self.total(c).clicks for c in OWNERS if OWNERS[c] == user))
            for user in ("ann", "bob")
        }
        return Rows(links, copy.deepcopy(self.days), users)

    def total(self, code: str) -> Totals:
        numbers = [day.numbers for day in self.days[code].values()]
        return Totals(sum(n["clicks"] for n in numbers), sum(n["botClicks"] for n in numbers))

    def proofs(self) -> Proofs:
        proofs = Proofs(since=SINCE, incarnations={NOW_LIFE, FORMER_LIFE})
        for epoch in self.epochs:
            proofs.add(epoch)
        return proofs


def clicks(people: int = 0, bots: int = 0, hour: int = 13, values: Mapping[str, str] | None = None) -> Counts:
    """What some clicks in one hour add up to."""
    chosen = dict.fromkeys(PREFIXES.values(), "x") | dict(values or {})
    counts = {f"{prefix}:{value}": people for prefix, value in chosen.items()} | {HOURS[hour]: people}
    return {name: number for name, number in {**counts, BOT_HOURS[hour]: bots}.items() if number}


def with_day(rows: Rows, code: str, day: str, **changes: int) -> Rows:
    """Set counters of a day, named with `_` for `:`."""
    state = rows.days[code][day]
    numbers = {**state.numbers, **{name.replace("_", ":"): number for name, number in changes.items()}}
    return replace(rows, days={**rows.days, code: {**rows.days[code], day: replace(state, numbers=numbers)}})


def one_day() -> Ledger:
    ledger = Ledger()
    ledger.count("docs", DAYS[0], clicks(people=5, bots=2))
    return ledger


class TestAudit:
    def test_exact_counters_do_not_drift(self) -> None:
        ledger = one_day()
        ledger.count("docs", DAYS[0], clicks(people=1, hour=7, values={"c": "CH"}))
        ledger.count("blog", DAYS[1], clicks(bots=3))
        assert audit(ledger.rows(), ledger.proofs()) == []

    def test_a_lost_row_is_found_and_comes_back_with_its_breakdowns(self) -> None:
        ledger = one_day()
        rows = replace(ledger.rows(), days={**ledger.days, "docs": {}})
        drifts = audit(rows, ledger.proofs())
        assert {drift.row for drift in drifts} == {RowKey("day", "docs", DAYS[0])}
        assert mended(rows, repairs(drifts), NOW_LIFE) == ledger.rows()

    def test_a_wrong_hour_is_one_error_and_not_three(self) -> None:
        ledger = one_day()
        rows = with_day(ledger.rows(), "docs", DAYS[0], h13=4)
        assert audit(rows, ledger.proofs()) == [Drift(RowKey("day", "docs", DAYS[0]), "h13", 5, 4)]

    def test_what_was_counted_twice_everywhere_is_taken_back_everywhere(self) -> None:
        ledger, twice = one_day(), one_day()
        twice.count("docs", DAYS[0], clicks(people=1))
        drifts = audit(twice.rows(), ledger.proofs())
        assert {drift.row.kind for drift in drifts} == {"day", "link", "user"}
        assert mended(twice.rows(), repairs(drifts), NOW_LIFE) == ledger.rows()

    def test_links_and_users_follow_what_the_days_should_say(self) -> None:
        ledger = one_day()
        rows = ledger.rows()
        rows = replace(rows, links={**rows.links, "docs": LinkState("ann", Totals(4, 2))})
        assert audit(rows, ledger.proofs()) == [Drift(RowKey("link", "docs"), "clicks", 5, 4)]
        rows = replace(ledger.rows(), users={"ann": UserState(9)})
        assert audit(rows, ledger.proofs()) == [Drift(RowKey("user", "ann"), "totalClicks", 5, 9)]

    def test_repairs_of_the_past_prove_nothing(self) -> None:
        ledger = one_day()
        ledger.epochs.append(Entry(repairs={RowKey("day", "docs", DAYS[0]): {"h13": 7, "clicks": 7}}))
        assert audit(ledger.rows(), ledger.proofs()) == []

    def test_a_link_that_was_not_looked_into_is_taken_at_its_word(self) -> None:
        ledger = one_day()
        rows = replace(with_day(ledger.rows(), "docs", DAYS[0], h13=4), days={})
        assert audit(rows, ledger.proofs()) == []


class TestWhatIsNotProved:
    def test_a_day_older_than_the_epochs_has_but_to_agree_with_itself(self) -> None:
        ledger = Ledger()
        ledger.count("docs", OLD_DAY, clicks(people=5))
        ledger.epochs.clear()
        assert audit(ledger.rows(), ledger.proofs()) == []
        rows = with_day(ledger.rows(), "docs", OLD_DAY, clicks=6)
        assert audit(rows, ledger.proofs()) == [Drift(RowKey("day", "docs", OLD_DAY), "clicks", 5, 6)]

    def test_an_old_day_that_some_late_epochs_name_is_not_made_up_from_them(self) -> None:
        ledger = Ledger()
        ledger.count("docs", OLD_DAY, clicks(people=5))
        rows = replace(ledger.rows(), days={**ledger.days, "docs": {}}, links={}, users={})
        assert audit(rows, ledger.proofs()) == []

    def test_a_row_of_a_lost_ledger_is_not_held_against_this_one(self) -> None:
        ledger = Ledger()
        ledger.count("docs", DAYS[0], clicks(people=5), by=LOST_LIFE)
        ledger.epochs.append(Entry(counts={LinkKey("docs", "ann"): {DAYS[0]: clicks(people=1)}}))
        assert audit(ledger.rows(), ledger.proofs()) == []

    def test_a_row_of_a_former_life_of_this_ledger_is_proved(self) -> None:
        ledger = Ledger()
        ledger.count("docs", DAYS[0], clicks(people=5), by=FORMER_LIFE)
        ledger.count("docs", DAYS[0], clicks(people=1))
        assert audit(ledger.rows(), ledger.proofs()) == []
        rows = with_day(ledger.rows(), "docs", DAYS[0], h13=5)
        assert audit(rows, ledger.proofs()) == [Drift(RowKey("day", "docs", DAYS[0]), "h13", 6, 5)]

    def test_a_row_of_the_former_engine_counts_as_it_is(self) -> None:
        ledger = Ledger()
        ledger.days["docs"][DAYS[0]] = DayState({"clicks": 5, "botClicks": 0, "h13": 3}, by=None)
        assert audit(ledger.rows(), ledger.proofs()) == []

    def test_the_erased_and_the_unknown_are_passed_over(self) -> None:
        ledger = one_day()
        ledger.epochs.append(Entry(counts={LinkKey("nosuch", "ann"): {DAYS[0]: clicks(people=1)}}))
        ledger.epochs.append(Entry(counts={LinkKey("gone", "eve"): {DAYS[0]: clicks(people=1)}}))
        rows = ledger.rows()
        rows = Rows(
            links={**rows.links, "gone": LinkState("", Totals(0, 0), erased=True)},
            days={**rows.days, "gone": {DAYS[0]: DayState({}, NOW_LIFE, erased=True)}},
            users={**rows.users, "eve": UserState(erased=True)},
        )
        assert audit(rows, ledger.proofs()) == []

    def test_days_found_to_be_older_than_the_epochs_are_not_proved(self) -> None:
        ledger = one_day()
        ledger.count("docs", DAYS[1], clicks(people=1))
        proofs = ledger.proofs()
        proofs.since = DAYS[1]
        rows = with_day(with_day(ledger.rows(), "docs", DAYS[0], h13=9), "docs", DAYS[1], h13=9)
        assert audit(rows, proofs)[0] == Drift(RowKey("day", "docs", DAYS[0]), "c:other", 4, 0)
        assert Drift(RowKey("day", "docs", DAYS[1]), "h13", 1, 9) in audit(rows, proofs)


class TestMended:
    def test_rows_that_are_not_audited_are_passed_over(self) -> None:
        rows = one_day().rows()
        deltas = {
            RowKey("link", "x"): {"clicks": 1},
            RowKey("day", "x", "y"): {"h01": 1},
            RowKey("user", "z"): {},
        }
        assert mended(rows, deltas, NOW_LIFE) == rows


class TestBreakdowns:
    def test_what_is_missing_is_other(self) -> None:
        ledger = one_day()
        rows = with_day(ledger.rows(), "docs", DAYS[0], r_x=2, r_other=2)
        drifts = audit(rows, ledger.proofs())
        assert drifts == [Drift(RowKey("day", "docs", DAYS[0]), "r:other", 3, 2)]

    def test_what_is_missing_is_what_the_epochs_name_if_that_adds_up(self) -> None:
        ledger = one_day()
        ledger.count("docs", DAYS[0], clicks(people=2, values={"r": "y"}))
        rows = with_day(ledger.rows(), "docs", DAYS[0], r_y=0)
        assert audit(rows, ledger.proofs()) == [Drift(RowKey("day", "docs", DAYS[0]), "r:y", 2, 0)]

    def test_what_is_too_much_is_taken_from_other_and_then_from_the_largest(self) -> None:
        ledger = one_day()
        rows = with_day(ledger.rows(), "docs", DAYS[0], c_x=4, c_y=3, c_other=1)
        day = RowKey("day", "docs", DAYS[0])
        assert audit(rows, ledger.proofs()) == [Drift(day, "c:other", 0, 1), Drift(day, "c:x", 2, 4)]


PLACES = [(code, day) for code in OWNERS for day in (OLD_DAY, *DAYS)]
SMALL = st.integers(0, 9)
CLICKS = st.builds(
    clicks,
    people=SMALL,
    bots=SMALL,
    hour=st.integers(0, 23),
    values=st.dictionaries(st.sampled_from(sorted(PREFIXES.values())), st.sampled_from("xyz")),
)
COUNTERS = ["clicks", "botClicks", *HOURS[:3], *BOT_HOURS[:3], "c:x", "c:y", "c:other", "r:x", "l:new"]


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """A history of clicks, some of it before the epochs that are kept."""
    ledger = Ledger()
    lives = draw(st.fixed_dictionaries({place: st.sampled_from([NOW_LIFE, FORMER_LIFE]) for place in PLACES}))
    for (code, day), counts in draw(st.lists(st.tuples(st.sampled_from(PLACES), CLICKS), max_size=12)):
        ledger.count(code, day, counts, by=lives[code, day])
    return ledger


@st.composite
def damaged(draw: st.DrawFn, rows: Rows) -> Rows:
    """The rows after any number of mishaps."""
    days = {code: dict(states) for code, states in rows.days.items()}
    for states in days.values():
        for day in list(states):
            kind = draw(st.sampled_from(["left", "lost", "changed"]))
            if kind == "lost":
                del states[day]
            elif kind == "changed":
                changes = draw(st.dictionaries(st.sampled_from(COUNTERS), SMALL, min_size=1))
                states[day] = replace(states[day], numbers={**states[day].numbers, **changes})
    totals_of_links = draw(
        st.fixed_dictionaries({code: st.none() | st.builds(Totals, SMALL, SMALL) for code in OWNERS})
    )
    links = {
        code: replace(link, counted=totals_of_links[code] or link.counted)
        for code, link in rows.links.items()
    }
    users = {user: draw(st.just(state) | st.builds(UserState, SMALL)) for user, state in rows.users.items()}
    return Rows(links, days, users)


@given(ledgers())
def test_whatever_was_counted_exactly_does_not_drift(ledger: Ledger) -> None:
    assert audit(ledger.rows(), ledger.proofs()) == []


@given(st.data())
def test_repairs_leave_nothing_to_repair(data: st.DataObject) -> None:
    ledger = data.draw(ledgers())
    rows = data.draw(damaged(ledger.rows()))
    drifts = audit(rows, ledger.proofs())
    assert all(drift.expected >= 0 for drift in drifts), "nobody clicked less than never"
    after = mended(rows, repairs(drifts), NOW_LIFE)
    assert audit(after, ledger.proofs()) == []
    for code in OWNERS:
        assert after.links[code].counted == Totals(
            sum(day.numbers.get("clicks", 0) for day in after.days[code].values()),
            sum(day.numbers.get("botClicks", 0) for day in after.days[code].values()),
        )


@given(st.data())
def test_what_is_proved_becomes_what_was_counted(data: st.DataObject) -> None:
    ledger = data.draw(ledgers())
    rows = data.draw(damaged(ledger.rows()))
    after = mended(rows, repairs(audit(rows, ledger.proofs())), NOW_LIFE)
    for code, day in PLACES:
        if day >= SINCE and day in ledger.days[code]:
            truth, found = (
                ledger.days[code][day].numbers,
                after.days[code].get(day, DayState({}, None)).numbers,
            )
            for name in ("clicks", "botClicks", *HOURS, *BOT_HOURS):
                assert found.get(name, 0) == truth.get(name, 0)


@given(st.data())
def test_any_single_wrong_counter_is_found(data: st.DataObject) -> None:
    ledger = data.draw(ledgers())
    rows = ledger.rows()
    code, day = data.draw(st.sampled_from(PLACES))
    surplus = data.draw(st.integers(1, 9))
    match data.draw(st.sampled_from(["day", "link", "user"])):
        case "day" if day in rows.days[code]:
            name = data.draw(st.sampled_from(COUNTERS))
            numbers = rows.days[code][day].numbers
            rows = with_day(rows, code, day, **{name: numbers.get(name, 0) + surplus})
        case "user":
            user = data.draw(st.sampled_from(sorted(rows.users)))
            rows = replace(
                rows, users={**rows.users, user: UserState(rows.users[user].total_clicks + surplus)}
            )
        case _:
            link = rows.links[code]
            counted = Totals(link.counted.clicks, link.counted.bot_clicks + surplus)
            rows = replace(rows, links={**rows.links, code: replace(link, counted=counted)})
    assert audit(rows, ledger.proofs()) != []
