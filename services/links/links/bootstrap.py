"""Wires the service: the one place that reads the environment and makes clients, once per sandbox."""

from datetime import timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
from aws_lambda_powertools.utilities.typing import LambdaContext

from hopcount_shared import aws
from hopcount_shared.events import EventPublisher
from hopcount_shared.settings import load_settings
from links.bulk_service import BulkCreator
from links.creation_quota import DynamoCreationQuota
from links.domain.targets import own_address
from links.erasure_queue import ErasureQueue
from links.erasure_service import LinkEraser
from links.idempotency import PowertoolsOncePerKey, create_store
from links.repository import DynamoLinkRepository
from links.service import LinkCreator, Links, TargetRules
from links.settings import CreationSettings, ErasureSettings, LinkSettings, PublisherSettings

BULK_RESERVE_SECONDS = 8.0
"""Kept back for the rows under way, each with two attempts at a call, and for the answer."""


@cache
def links() -> Links:
    """Return the use cases of links that exist."""
    return Links(_repository(), _rules())


def link_creator(context: LambdaContext) -> LinkCreator:
    """Return the use case of making links, within the time that this invocation has."""
    return LinkCreator(_repository(), _quota(), PowertoolsOncePerKey(_key_store(), context), _rules())


def bulk_creator(context: LambdaContext) -> BulkCreator:
    """Return the use case of making many links, within the time that this invocation has."""
    return BulkCreator(
        _repository(),
        _quota(),
        _rules(),
        lambda: context.get_remaining_time_in_millis() / 1000 - BULK_RESERVE_SECONDS,
    )


@cache
def link_eraser() -> LinkEraser:
    """Return the use case of forgetting somebody's links."""
    # Nobody waits for it: it is more patient than what answers people.
    dynamodb = aws.client("dynamodb", attempts=3)
    return LinkEraser(DynamoLinkRepository(dynamodb, load_settings(ErasureSettings).links_table_name))


@cache
def erasure_queue() -> ErasureQueue:
    """Return the queue of those whose links are to be erased."""
    settings = load_settings(ErasureSettings)
    late = timedelta(seconds=settings.late_links_seconds)
    return ErasureQueue(aws.client("sqs"), settings.erasure_queue_url, late)


@cache
def publisher() -> EventPublisher:
    """Return what puts events on the bus."""
    return EventPublisher(aws.client("events"), load_settings(PublisherSettings).event_bus_name)


@cache
def public_base_url() -> str:
    """Return what short links start with, without its final slash."""
    return _settings().public_base_url


def reset() -> None:
    """Forget everything that was wired."""
    for wired in (
        *(links, link_eraser, erasure_queue, publisher, public_base_url),
        *(_settings, _dynamodb, _repository, _quota, _key_store),
    ):
        wired.cache_clear()


@cache
def _settings() -> LinkSettings:
    return load_settings(LinkSettings)


@cache
def _dynamodb() -> Any:
    # Two attempts: an answer, even a refusal, has to fit into the function's time.
    return aws.client("dynamodb", read_timeout=2, attempts=2)


@cache
def _repository() -> DynamoLinkRepository:
    return DynamoLinkRepository(_dynamodb(), _settings().links_table_name)


@cache
def _quota() -> DynamoCreationQuota:
    settings = load_settings(CreationSettings)
    return DynamoCreationQuota(
        _dynamodb(),
        settings.internal_table_name,
        limit=settings.creation_quota,
        window_seconds=settings.creation_quota_window_seconds,
    )


@cache
def _key_store() -> DynamoDBPersistenceLayer:
    return create_store(_dynamodb(), load_settings(CreationSettings).internal_table_name)


def _rules() -> TargetRules:
    settings = _settings()
    return TargetRules(frozenset({own_address(settings.public_base_url), own_address(settings.http_api_url)}))
