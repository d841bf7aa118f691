"""Messages: in order, none twice, gone when dismissed."""

from hopcount_app.store.toasts import Toasts, Tone


def test_messages_wait_in_order_and_listeners_hear_of_each() -> None:
    toasts, heard = Toasts(), []
    toasts.listeners.append(lambda: heard.append(len(toasts.waiting)))
    first, second = toasts.show("Link copied"), toasts.show("You are offline", Tone.WARNING)
    toasts.dismiss(first)
    assert toasts.waiting == [second]
    assert heard == [1, 2, 1]


def test_the_same_words_are_shown_once() -> None:
    toasts = Toasts()
    assert toasts.show("You are offline") is toasts.show("You are offline")
    assert len(toasts.waiting) == 1


def test_a_message_that_is_gone_stays_gone() -> None:
    toasts = Toasts()
    toast = toasts.show("Link copied")
    toasts.dismiss(toast)
    toasts.dismiss(toast)
    assert toasts.waiting == []
