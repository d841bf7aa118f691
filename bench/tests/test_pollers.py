import random
from datetime import UTC, datetime, timedelta

from bench.pollers import batches
from bench.traffic import make_links, zipf_clicks

BEGINS = datetime(2026, 11, 22, 13, tzinfo=UTC)
WINDOW = timedelta(seconds=10)


def test_every_click_is_in_one_batch_that_ends_in_time() -> None:
    dice = random.Random(1)
    clicks = list(zipf_clicks(make_links(100, 10, dice), 50, 60, BEGINS, dice))
    found = list(batches(clicks, 5, WINDOW, 3000, dice))
    assert sorted(click for batch in found for click in batch.clicks) == sorted(clicks)
    assert [batch.at for batch in found] == sorted(batch.at for batch in found)
    assert {batch.poller for batch in found} == {0, 1, 2, 3, 4}
    waits = [batch.at - click.occurred_at for batch in found for click in batch.clicks]
    assert timedelta(0) <= min(waits)
    assert timedelta(seconds=9) < max(waits) <= WINDOW


def test_a_full_batch_ends_its_window() -> None:
    dice = random.Random(1)
    clicks = list(zipf_clicks(make_links(100, 10, dice), 100, 30, BEGINS, dice))
    found = list(batches(clicks, 2, WINDOW, 40, dice))
    assert max(len(batch.clicks) for batch in found) == 40
    assert sum(len(batch.clicks) for batch in found) == len(clicks)
    full = [batch for batch in found if len(batch.clicks) == 40]
    assert full
    assert all(batch.at == batch.clicks[-1].occurred_at for batch in full)


def test_without_clicks_there_are_no_batches() -> None:
    assert list(batches([], 5, WINDOW, 3000, random.Random(1))) == []
