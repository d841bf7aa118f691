"""What the tests share: links, a repository in memory, tables in moto, requests and their answers."""

import dataclasses
import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

import boto3
from moto import mock_aws

from hopcount_shared.errors import QuotaExceededError
from hopcount_shared.observability import logger
from hopcount_shared.times import to_iso
from links import bootstrap
from links.domain.link import Link, LinkChanges, Position

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
LINKS_TABLE = "test-UrlShortener"
INTERNAL_TABLE = "test-LinksInternal"
ENVIRONMENT = {
    "LINKS_TABLE_NAME": LINKS_TABLE,
    "INTERNAL_TABLE_NAME": INTERNAL_TABLE,
    "PUBLIC_BASE_URL": "https://sho.rt",
    "HTTP_API_URL": "https://abc123.execute-api.us-east-1.amazonaws.com",
    "CREATION_QUOTA": "20",
    "CREATION_QUOTA_WINDOW_SECONDS": "3600",
    "EVENT_BUS_NAME": "test-bus",
}


def make_link(**fields: Any) -> Link:
    """Make a link of Ann's, made `NOW`."""
    defaults: dict[str, Any] = {
        "id": "abcdefg",
        "original_url": "https://example.com/",
        "owner": "ann",
        "created_at": NOW,
        "updated_at": NOW,
        "request_id": "request",
    }
    return Link(**{**defaults, **fields})


def make_erased(link_id: str, moment: datetime) -> Link:
    """Make what is left of a link."""
    return make_link(
        id=link_id,
        original_url="",
        owner="",
        created_at=moment,
        updated_at=moment,
        request_id="",
        version=0,
        erased_at=moment,
    )


@dataclass
class Ticking:
    """A clock that is a second later each time it is read."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class MemoryLinkRepository:
    """Links in memory, by the rules of the real repository."""

    rows: dict[str, Link] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def create_link(self, link: Link) -> Link | None:
        with self.lock:
            there = self.rows.get(link.id)
            if there is None:
                self.rows[link.id] = link
            return there

    def get_link(self, link_id: str) -> Link | None:
        return self.rows.get(link_id)

    def get_links(self, link_ids: Sequence[str]) -> Mapping[str, Link]:
        return {link_id: self.rows[link_id] for link_id in link_ids if link_id in self.rows}

    def list_positions(
        self, owner: str, *, deleted: bool, after: Position | None, limit: int
    ) -> Sequence[Position]:
        mine = (link for link in self.rows.values() if link.owner == owner)
        places = sorted(
            (link.position for link in mine if (link.deleted_at is not None) == deleted),
            key=lambda place: (place.created_at, place.link_id),
            reverse=True,
        )
        if after:
            key = (after.created_at, after.link_id)
            places = [place for place in places if (place.created_at, place.link_id) < key]
        return places[:limit]

    def update_link(self, link: Link, changes: LinkChanges, now: datetime) -> Link | None:
        there = self.rows.get(link.id)
        if there is None or there.deleted_at or (there.owner, there.version) != (link.owner, link.version):
            return None
        return self._write(dataclasses.replace(there, **changes), now)

    def delete_link(self, link_id: str, owner: str, now: datetime) -> Link | None:
        there = self.rows.get(link_id)
        if there is None or there.owner != owner or there.deleted_at:
            return None
        return self._write(dataclasses.replace(there, deleted_at=now), now)

    def restore_link(self, link_id: str, owner: str, now: datetime) -> Link | None:
        there = self.rows.get(link_id)
        if there is None or there.owner != owner or not there.deleted_at:
            return None
        return self._write(dataclasses.replace(there, deleted_at=None), now)

    def erase_link(self, link_id: str, owner: str, now: datetime) -> bool:
        there = self.rows.get(link_id)
        if there is None or there.owner != owner:
            return False
        self.rows[link_id] = make_erased(link_id, now)
        return True

    def _write(self, link: Link, now: datetime) -> Link:
        self.rows[link.id] = dataclasses.replace(link, updated_at=now, version=link.version + 1)
        return self.rows[link.id]


@dataclass
class MemoryQuota:
    """A quota in memory, without end of its window."""

    left: int = 1_000_000

    def take(self, owner: str, now: datetime, wanted: int = 1) -> int:
        if not self.left:
            raise QuotaExceededError("used up", retry_after=60)
        number = min(wanted, self.left)
        self.left -= number
        return number

    def give_back(self, owner: str, now: datetime, number: int) -> None:
        self.left += number


class NoMemory:
    """Runs everything again: as if the keys of earlier requests had been lost."""

    def run(self, *, owner: str, key: str, content: str, make: Callable[[], Link]) -> Link:
        return make()


@contextmanager
def tables() -> Iterator["DynamoDBClient"]:
    """Open an AWS in memory that has this service's tables."""
    with mock_aws():
        dynamodb: DynamoDBClient = boto3.client("dynamodb")
        dynamodb.create_table(
            TableName=LINKS_TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("id", "userId", "createdAt")
            ],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "UserHistoryIndex",
                    "KeySchema": [
                        {"AttributeName": "userId", "KeyType": "HASH"},
                        {"AttributeName": "createdAt", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        )
        dynamodb.create_table(
            TableName=INTERNAL_TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        bootstrap.reset()
        make_atomic(dynamodb)
        try:
            yield dynamodb
        finally:
            bootstrap.reset()


def make_atomic(dynamodb: Any) -> None:
    """Let one call happen at a time: moto checks a condition and writes in two steps, DynamoDB in one."""
    call, lock = dynamodb._make_api_call, threading.Lock()  # boto3's one way out

    def one_at_a_time(*arguments: Any) -> Any:
        with lock:
            return call(*arguments)

    dynamodb._make_api_call = one_at_a_time


@dataclass
class Context:
    """An invocation's context."""

    remaining_ms: int = 10_000
    function_name: str = "test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:test"
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


@dataclass(frozen=True)
class Answer:
    """What a handler answered."""

    status: int
    headers: Mapping[str, str]
    json: Any

    @property
    def bad_fields(self) -> set[str]:
        assert self.json["type"] == "urn:hopcount:problem:invalid-input", self
        return {error["field"] for error in self.json["errors"]}


_request_ids = itertools.count()


def http_event(
    method: str,
    path: str,
    *,
    sub: str = "ann",
    body: Any = None,
    raw_body: str | None = None,
    query: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    claims: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Write an event as an HTTP API sends it (payload 2.0)."""
    given = {name: str(value) for name, value in (query or {}).items()}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "&".join(f"{name}={value}" for name, value in given.items()),
        "headers": {"content-type": "application/json", **(headers or {})},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc123",
            "stage": "$default",
            "requestId": f"request-{next(_request_ids)}",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9"},
            "authorizer": {"jwt": {"claims": {"sub": sub, "token_use": "access", **(claims or {})}}},
        },
        "isBase64Encoded": False,
    }
    if given:
        event["queryStringParameters"] = given
    if raw_body is not None or body is not None:
        event["body"] = raw_body if raw_body is not None else json.dumps(body)
    return event


def call(
    handler: Callable[[dict[str, Any], Any], Any],
    method: str,
    path: str,
    context: Context | None = None,
    **request: Any,
) -> Answer:
    """Send a handler a request, and read its answer."""
    response = handler(http_event(method, path, **request), context or Context())
    headers = {name.lower(): value for name, value in response.get("headers", {}).items()}
    body = response.get("body")
    is_json = headers.get("content-type") in {"application/json", "application/problem+json"}
    return Answer(response["statusCode"], headers, json.loads(body) if body and is_json else body or None)


@contextmanager
def logged() -> Iterator[StringIO]:
    """Collect what the logger writes: it took hold of standard output before pytest did."""
    handler: Any = logger.registered_handler
    text = StringIO()
    before = handler.setStream(text)
    try:
        yield text
    finally:
        handler.setStream(before)


def iso(moment: datetime) -> str:
    return to_iso(moment)
