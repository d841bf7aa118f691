import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

from bench.traffic import make_links, zipf_clicks

BEGINS = datetime(2026, 11, 22, 13, tzinfo=UTC)


def test_a_trace_is_as_it_says() -> None:
    dice = random.Random(1)
    links = make_links(1000, 50, dice)
    clicks = list(zipf_clicks(links, 200, 100, BEGINS, dice))
    assert 19_000 < len(clicks) < 21_000
    moments = [click.occurred_at for click in clicks]
    assert moments == sorted(moments)
    assert BEGINS < moments[0] < moments[-1] < BEGINS + timedelta(seconds=100)
    numbers = Counter(click.short_code for click in clicks)
    first, second = numbers[links[0].short_code], numbers[links[1].short_code]
    assert 1.8 < first / second < 2.2
    assert 0.09 < sum(click.visitor.is_bot for click in clicks) / len(clicks) < 0.11
    assert {(click.short_code, click.user_id) for click in clicks} <= set(links)


def test_producers_number_their_clicks_without_gaps() -> None:
    dice = random.Random(1)
    seen = defaultdict(list)
    for click in zipf_clicks(make_links(10, 2, dice), 100, 10, BEGINS, dice):
        seen[click.producer].append(click.sequence)
    assert len(seen) == 5
    for sequences in seen.values():
        assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))
        assert sequences[0] < 64


def test_the_same_dice_give_the_same_trace() -> None:
    one, other = (
        list(zipf_clicks(make_links(10, 2, random.Random(1)), 10, 5, BEGINS, random.Random(2)))
        for _ in range(2)
    )
    assert one == other
