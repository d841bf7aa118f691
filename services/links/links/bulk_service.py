"""The use case of making many links with one request, each as if it had been asked for alone."""

import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Literal

from hopcount_shared.base62 import Choose
from hopcount_shared.errors import ConflictError, HopcountError, QuotaExceededError, UnavailableError
from hopcount_shared.observability import logger
from hopcount_shared.times import Clock, utc_now
from links.domain.link import Link, RequestId
from links.ports import LinkRepository, SharedQuota
from links.service import LinkCreator, NewLink, TargetRules, alias_taken

WRITERS = 25
"""Links that are written at once. The connections of a client suffice for them."""

Row = NewLink | HopcountError
"""What somebody wants a link to be, or why that cannot be read."""


@dataclass(frozen=True)
class RowResult:
    """What became of one row: a link, or an error.

    Parameters
    ----------
    status
        `created`: made now. `existing`: made before, by the same key, or to the same target under the same
        alias of the same owner. `failed`: not made.
    """

    status: Literal["created", "existing", "failed"]
    link: Link | None = None
    error: Exception | None = None


class BulkCreator:
    """Makes many links.

    Parameters
    ----------
    time_left
        Seconds that there are. Rows that are not begun when they are over fail.
    """

    def __init__(
        self,
        links: LinkRepository,
        quota: SharedQuota,
        rules: TargetRules,
        time_left: Callable[[], float],
        *,
        clock: Clock = utc_now,
        choose: Choose = secrets.choice,
    ) -> None:
        self._links = links
        self._quota = quota
        self._rules = rules
        self._time_left = time_left
        self._clock = clock
        self._choose = choose

    def create_links(self, owner: str, rows: Sequence[Row], key: str | None) -> Sequence[RowResult]:
        """Make a link of each row; what is wrong with one of them is no harm to the others.

        Parameters
        ----------
        owner
            Whose links they are.
        rows
            At most a few hundred.
        key
            The caller's `Idempotency-Key`. Each row has one of its own, which follows from it and the row's
            place: repeated, the request finds the same links.
        """
        wishes = [_Wish.of(index, row, key) for index, row in enumerate(rows) if isinstance(row, NewLink)]
        codes = {wish.code for wish in wishes if wish.code is not None}
        there = self._links.get_links(sorted(codes))
        share = _QuotaShare(self._quota, owner, self._clock(), sum(wish.code not in there for wish in wishes))
        creator = LinkCreator(
            _ReadAhead(self._links, codes, there),
            share,
            _NoMemory(),
            self._rules,
            clock=self._clock,
            choose=self._choose,
        )
        results = {
            n: RowResult("failed", error=row) for n, row in enumerate(rows) if isinstance(row, Exception)
        }
        with ThreadPoolExecutor(WRITERS) as pool:
            for wave in _waves(wishes):
                made = pool.map(lambda wish: self._create(creator, there, wish), wave)
                results |= zip((wish.index for wish in wave), made, strict=True)
        share.settle(sum(result.status == "created" for result in results.values()))
        return [results[index] for index in range(len(rows))]

    def _create(self, creator: LinkCreator, there: Mapping[str, Link], wish: "_Wish") -> RowResult:
        try:
            if self._time_left() <= 0:
                return RowResult("failed", error=_no_time_left())
            found = there.get(wish.new.alias or "")
            if found and wish.new.made(found):
                return RowResult("existing", found)
            if found and not wish.asked_for(found):
                return RowResult("failed", error=alias_taken())
            return self._create_or_find(creator, wish)
        except Exception as error:  # noqa: BLE001  whatever it is, the other rows have their own answers
            return RowResult("failed", error=error)

    def _create_or_find(self, creator: LinkCreator, wish: "_Wish") -> RowResult:
        made: list[Link] = []
        try:
            link = creator.create_link(wish.new, wish.key, made.append)
        except ConflictError:
            # Somebody may send the same thing twice at once, or in one request.
            found = self._links.get_link(wish.new.alias or "")
            if found is None or not wish.new.made(found):
                raise
            link = found
        return RowResult("created" if made else "existing", link)


@dataclass(frozen=True)
class _Wish:
    """A row that can be read, its own key, and the code that it takes if that is free and can be known."""

    index: int
    new: NewLink
    key: str | None
    code: str | None

    @classmethod
    def of(cls, index: int, new: NewLink, key: str | None) -> "_Wish":
        # No client's key has a space in it, so none is another request's row.
        row_key = None if key is None else f"{key} {index}"
        return cls(index, new, row_key, new.first_code(row_key))

    def asked_for(self, link: Link) -> bool:
        """Tell whether a link comes from an earlier request with this row's key."""
        if self.key is None:
            return False
        return RequestId.of(self.new.owner, self.key, self.new.content).made(link)


class _ReadAhead:
    """Links of which some were read before, all at once: a new one costs one write and no read."""

    def __init__(self, links: LinkRepository, read: Collection[str], there: Mapping[str, Link]) -> None:
        self._links = links
        self._read = read
        self._there = there
        self.create_link = links.create_link

    def get_link(self, link_id: str) -> Link | None:
        """Return a link as it was read before, or else as it is now."""
        return self._there.get(link_id) if link_id in self._read else self._links.get_link(link_id)


class _NoMemory:
    """Remembers no answer: the links themselves tell what a repeated request made."""

    def run(self, *, owner: str, key: str, content: str, make: Callable[[], Link]) -> Link:  # noqa: ARG002
        """Return what `make` returns."""
        return make()


class _QuotaShare:
    """What one request may make, taken from its owner's quota at once."""

    def __init__(self, quota: SharedQuota, owner: str, now: datetime, wanted: int) -> None:
        self._quota = quota
        self._owner = owner
        self._now = now
        self._lock = Lock()
        self._taken = self._left = 0
        self._refusal: QuotaExceededError | None = None
        if wanted:
            self._fetch(wanted)

    def take(self, owner: str, now: datetime, wanted: int = 1) -> int:  # noqa: ARG002
        """Use one up."""
        with self._lock:
            if not self._left and not self._refusal:
                self._fetch(1)
            if not self._left and self._refusal:
                raise QuotaExceededError(str(self._refusal), self._refusal.retry_after)
            self._left -= 1
        return 1

    def settle(self, made: int) -> None:
        """Give back what made nothing."""
        try:
            self._quota.give_back(self._owner, self._now, self._taken - made)
        except Exception:  # noqa: BLE001  the links are made, and their owner is to be told so
            logger.exception("quota not given back")

    def _fetch(self, wanted: int) -> None:
        try:
            number = self._quota.take(self._owner, self._now, wanted)
        except QuotaExceededError as error:
            self._refusal = error
        else:
            self._taken += number
            self._left += number


def _no_time_left() -> UnavailableError:
    return UnavailableError("there was no time left for this one; send it again", retry_after=1)


def _waves(wishes: Iterable[_Wish]) -> Iterable[Sequence[_Wish]]:
    """Part rows so that no two of a wave want one alias: the first of them gets it."""
    waves: dict[int, list[_Wish]] = defaultdict(list)
    seen: Counter[str] = Counter()
    for wish in wishes:
        waves[seen[wish.new.alias] if wish.new.alias else 0].append(wish)
        if wish.new.alias:
            seen[wish.new.alias] += 1
    return [waves[number] for number in sorted(waves)]
