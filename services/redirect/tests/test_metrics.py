import json

import pytest
from services.redirect.tests.support import FakeClock

from redirect.metrics import SECONDS, CacheMetrics


def test_a_line_says_what_happened_since_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    clock = FakeClock()
    metrics = CacheMetrics("test", clock)
    metrics.hits, metrics.misses = 3, 1
    metrics.count_stale(20.0)
    metrics.count_stale(12.5)
    metrics.write()
    line = json.loads(capsys.readouterr().out)
    assert {name: line[name] for name in line if name != "_aws"} == {
        "Service": "redirect",
        "Stage": "test",
        "CacheHits": 3,
        "CacheMisses": 1,
        "StaleAnswers": 2,
        "StaleSeconds": 20.0,
    }
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert line["_aws"]["Timestamp"] == int(clock.now * 1000)
    assert (directive["Namespace"], directive["Dimensions"]) == ("Hopcount", [["Service", "Stage"]])
    named = {metric["Name"] for metric in directive["Metrics"]}
    assert named == {"CacheHits", "CacheMisses", "StaleAnswers", "StaleSeconds"}
    clock.now += SECONDS
    metrics.hits = 1
    metrics.write()
    line = json.loads(capsys.readouterr().out)
    assert (line["CacheHits"], line["CacheMisses"], line["StaleAnswers"], line["StaleSeconds"]) == (
        1,
        0,
        0,
        0,
    )


def test_there_is_one_a_minute_and_nothing_is_forgotten_between(capsys: pytest.CaptureFixture[str]) -> None:
    clock = FakeClock()
    metrics = CacheMetrics("test", clock)
    written = []
    for _ in range(180):
        metrics.hits += 1
        metrics.write()
        written += capsys.readouterr().out.splitlines()
        clock.now += 1
    assert [json.loads(line)["CacheHits"] for line in written] == [1, 60, 60]
