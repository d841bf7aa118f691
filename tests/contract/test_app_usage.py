"""The app tells of its use in the words that are counted; it cannot import them."""

import asyncio
from typing import get_args

import pytest

from hopcount_app import usage as told
from web.domain import usage as counted
from web.schemas import AppEventBody


@pytest.mark.parametrize("words", ["Name", "Screen", "ErrorKind", "Result"])
def test_the_same_words_are_known(words: str) -> None:
    assert get_args(getattr(told, words)) == get_args(getattr(counted, words))


def test_no_batch_is_too_large_and_no_wait_too_long() -> None:
    assert told.BATCH <= counted.MOST_EVENTS
    assert told.LONGEST_MILLISECONDS <= counted.LONGEST_MILLISECONDS


def test_every_field_that_can_be_told_is_taken() -> None:
    sent: list[told.Event] = []

    async def take(events: list[told.Event]) -> None:
        sent.extend(events)

    tell_something_of_every_kind(told.Usage(take, is_on=True, region=lambda: "eu-central-1"))
    assert len(sent) == 4
    for event in sent:
        AppEventBody.model_validate(event)


def tell_something_of_every_kind(inbox: told.Usage) -> None:
    """Tell it, and hand it in."""

    async def go() -> None:
        inbox.record("screen", screen="links", milliseconds=900_000.5)
        inbox.record("sign_in", result="failed")
        inbox.record("link_created", result="ok", milliseconds=12.3)
        inbox.record_error(ZeroDivisionError())
        await inbox.flush()

    asyncio.run(go())
