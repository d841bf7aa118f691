"""The use cases: what callers may do with their own links, and with nobody else's."""

import dataclasses
import itertools
import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime

from hopcount_shared.base62 import Choose, random_text
from hopcount_shared.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    PreconditionFailedError,
    UnavailableError,
)
from hopcount_shared.times import Clock, utc_now
from links.domain.codes import derived_codes, is_link_id, random_codes
from links.domain.link import REQUEST_MEMORY, Link, LinkChanges, Page, Position, RequestId
from links.domain.targets import leads_home
from links.ports import CreationQuota, LinkRepository, LinkStore, OncePerKey

CODE_ATTEMPTS = 6
"""Collisions in a row before a creation gives up: never seen while a billion codes are free."""

EDIT_ATTEMPTS = 5
SCAN_LIMIT = 1_000
"""Links that one page looks at; a search through more goes on with the cursor."""
SCAN_BATCH = 100


@dataclasses.dataclass(frozen=True)
class NewLink:
    """What somebody wants a link to be.

    Parameters
    ----------
    content
        The same wish, written the same way each time: tells a repeated request from another one.
    created_at, imported_clicks
        Of a link that comes from elsewhere under its `alias`: when it was made and how often it was followed.
    """

    owner: str
    original_url: str
    content: str
    alias: str | None = None
    expires_at: datetime | None = None
    redirect_status: int | None = None
    max_age: int | None = None
    pass_query: bool = False
    created_at: datetime | None = None
    imported_clicks: int | None = None

    @property
    def is_imported(self) -> bool:
        """Whether the link had a life elsewhere: its code is kept, and it may be over already."""
        return self.created_at is not None or self.imported_clicks is not None

    def made(self, link: Link) -> bool:
        """Tell whether this wish has come true: a live link of its owner to its target."""
        return (link.owner, link.original_url, link.deleted_at) == (self.owner, self.original_url, None)

    def first_code(self, key: str | None) -> str | None:
        """Return the code that this takes if it is free, where that can be known."""
        if self.alias is not None or key is None:
            return self.alias
        return next(derived_codes(RequestId.of(self.owner, key, self.content).seed))


class TargetRules:
    """What a link may lead to and how long it may live, beyond what its fields say by themselves."""

    def __init__(self, own_addresses: Collection[str]) -> None:
        self._own_addresses = own_addresses

    def check_new(self, new: NewLink, now: datetime) -> None:
        """Refuse what `check` does, and links from the future; one from elsewhere may be over."""
        if new.created_at is not None and new.created_at > now:
            raise InvalidInputError([FieldError("createdAt", "must not be in the future")])
        self.check(new.original_url, None if new.is_imported else new.expires_at, now)

    def check(self, original_url: str | None, expires_at: datetime | None, now: datetime) -> None:
        """Refuse links that lead to ourselves, and such as are over before they begin."""
        errors: list[FieldError] = []
        if original_url is not None and leads_home(original_url, self._own_addresses):
            errors.append(FieldError("originalUrl", "must not lead back to this service"))
        if expires_at is not None and expires_at <= now:
            errors.append(FieldError("expiresAt", "must be in the future"))
        if errors:
            raise InvalidInputError(errors)


class LinkCreator:
    """Makes links."""

    def __init__(
        self,
        links: LinkStore,
        quota: CreationQuota,
        once: OncePerKey,
        rules: TargetRules,
        *,
        clock: Clock = utc_now,
        choose: Choose = secrets.choice,
    ) -> None:
        self._links = links
        self._quota = quota
        self._once = once
        self._rules = rules
        self._clock = clock
        self._choose = choose

    def create_link(
        self, new: NewLink, key: str | None, on_created: Callable[[Link], None] = lambda _: None
    ) -> Link:
        """Make a link; with a key only once, however often this is repeated and wherever it broke off.

        Parameters
        ----------
        new
            The link to be.
        key
            The caller's `Idempotency-Key`.
        on_created
            Called when a link was really made, not when it was found again.
        """
        if key is None:
            return self._make(new, None, on_created)
        request = RequestId.of(new.owner, key, new.content)
        return self._once.run(
            owner=new.owner, key=key, content=new.content, make=lambda: self._make(new, request, on_created)
        )

    def _make(self, new: NewLink, request: RequestId | None, on_created: Callable[[Link], None]) -> Link:
        now = self._clock()
        self._rules.check_new(new, now)
        if request and (earlier := self._made_earlier(new, request, now)):
            return earlier
        self._quota.take(new.owner, now)
        return self._add(new, request, now, on_created)

    def _add(
        self, new: NewLink, request: RequestId | None, now: datetime, on_created: Callable[[Link], None]
    ) -> Link:
        draft = Link(
            id="",
            original_url=new.original_url,
            owner=new.owner,
            created_at=new.created_at or now,
            updated_at=now,
            # Tells a put whose answer was lost, and which was repeated, from somebody else's.
            request_id=str(request) if request else random_text(22),
            expires_at=new.expires_at,
            redirect_status=new.redirect_status,
            max_age=new.max_age,
            pass_query=new.pass_query,
            imported_clicks=new.imported_clicks or 0,
        )
        for code in self._candidates(new, request):
            link = dataclasses.replace(draft, id=code)
            there = self._links.create_link(link)
            if there in (None, link):  # the latter: the answer to the put was lost, and it was repeated
                on_created(link)
                return link
            if there and there.request_id == link.request_id and _is_remembered(there, new, now):
                return there
        if new.alias is not None:
            raise alias_taken()
        raise UnavailableError("no free code was found; try again", retry_after=1)

    def _made_earlier(self, new: NewLink, request: RequestId, now: datetime) -> Link | None:
        """Find what this request made before it broke off: a repetition uses up no quota."""
        for code in self._candidates(new, request):
            there = self._links.get_link(code)
            if there is None:
                return None
            if request.made(there) and _is_remembered(there, new, now):
                if there.request_id != str(request):
                    raise InvalidInputError([FieldError("idempotency-key", "was used for another request")])
                return there
        return None

    def _candidates(self, new: NewLink, request: RequestId | None) -> Iterator[str]:
        if new.alias is not None:
            return iter([new.alias])
        derived = itertools.islice(derived_codes(request.seed), CODE_ATTEMPTS) if request else ()
        # A key that comes back day after day has used up its own codes.
        return itertools.chain(derived, itertools.islice(random_codes(self._choose), CODE_ATTEMPTS))


def alias_taken() -> ConflictError:
    """Say so, without a word on who has it."""
    return ConflictError("this alias is taken")


def _is_remembered(link: Link, new: NewLink, now: datetime) -> bool:
    # How old a link from elsewhere is says nothing about the request that brought it.
    return new.is_imported or link.created_at > now - REQUEST_MEMORY


class Links:
    """Shows and edits links. To anybody but its owner a link is not there, nor is a deleted one."""

    def __init__(self, links: LinkRepository, rules: TargetRules, *, clock: Clock = utc_now) -> None:
        self._links = links
        self._rules = rules
        self._clock = clock

    def get_link(self, link_id: str, owner: str) -> Link:
        """Return one of an owner's links."""
        link = self._links.get_link(_possible(link_id))
        if link is None or link.owner != owner or link.deleted_at is not None:
            raise _no_such_link()
        return link

    def list_links(
        self, owner: str, *, deleted: bool, text: str | None, limit: int, after: Position | None
    ) -> Page:
        """Return a page of an owner's links or of their trash, newest first.

        Parameters
        ----------
        text
            Only links whose name or target holds it. A search looks at `SCAN_LIMIT` links at most and may
            therefore return fewer than `limit`, and still a place to go on.
        """
        batch = SCAN_BATCH if text else limit + 1
        found: list[Link] = []
        for _ in range(max(1, SCAN_LIMIT // batch)):
            positions = self._links.list_positions(owner, deleted=deleted, after=after, limit=batch)
            for link in self._hydrate(positions, owner, deleted=deleted):
                if text and not link.mentions(text):
                    continue
                if len(found) == limit:
                    return Page(found, found[-1].position)
                found.append(link)
            if len(positions) < batch:
                return Page(found, None)
            after = positions[-1]
        return Page(found, after)

    def _hydrate(self, positions: Sequence[Position], owner: str, *, deleted: bool) -> Iterator[Link]:
        links = self._links.get_links([position.link_id for position in positions])
        for position in positions:
            link = links.get(position.link_id)
            # The index lags: what was deleted or restored since does not belong here any more.
            if link and link.owner == owner and (link.deleted_at is not None) == deleted:
                yield link

    def update_link(
        self, link_id: str, owner: str, changes: LinkChanges, if_match: str | None = None
    ) -> Link:
        """Change one of an owner's links.

        Parameters
        ----------
        if_match
            The `If-Match` header: change only this version. Without it the last change wins, field by field.
        """
        self._rules.check(changes.get("original_url"), changes.get("expires_at"), self._clock())
        for _ in range(EDIT_ATTEMPTS):
            link = self.get_link(link_id, owner)
            if if_match is not None and not _matches(link, if_match):
                raise PreconditionFailedError("the link was changed since it was read")
            changed = self._links.update_link(link, changes, self._clock())
            if changed is not None:
                return changed
        raise UnavailableError("the link is being changed by others; try again", retry_after=1)

    def delete_link(self, link_id: str, owner: str) -> Link:
        """Move one of an owner's links to their trash."""
        return _there(self._links.delete_link(_possible(link_id), owner, self._clock()))

    def restore_link(self, link_id: str, owner: str) -> Link:
        """Take one of an owner's links out of their trash."""
        return _there(self._links.restore_link(_possible(link_id), owner, self._clock()))


def _matches(link: Link, if_match: str) -> bool:
    tags = [tag.strip() for tag in if_match.split(",")]
    return link.etag in tags or tags == ["*"]


def _possible(link_id: str) -> str:
    """Return an id that may exist: what cannot is not worth a read."""
    if not is_link_id(link_id):
        raise _no_such_link()
    return link_id


def _there(link: Link | None) -> Link:
    if link is None:
        raise _no_such_link()
    return link


def _no_such_link() -> NotFoundError:
    return NotFoundError("no such link")
