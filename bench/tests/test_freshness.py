from bench.freshness import percentile


def test_percentiles_are_values_that_were_measured() -> None:
    assert percentile([3.0, 1.0, 2.0], 50) == 2.0
    assert percentile([float(n) for n in range(1, 41)], 95) == 38.0
    assert percentile([7.0], 95) == 7.0
