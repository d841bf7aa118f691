from bench import viral


def test_a_small_viral_link_is_counted_exactly_and_its_rows_are_written_rarely() -> None:
    result = viral.measure(rate=400, producers=12, seconds=25)
    assert result["clicks"] == 10_000
    assert result["exact"] is True
    assert result["hot_item_writes_per_s"] <= 5 / 25
    assert viral.holds(result)


def test_what_is_not_exact_or_too_hot_does_not_hold() -> None:
    result = viral.measure(rate=40, producers=2, seconds=12)
    for wrong in (
        {"exact": False},
        {"hot_item_writes_per_s": 1.1},
        {"hot_item_wru_per_s": 10.1},
        {"ledger_key_wru_per_s_max": 500},
    ):
        assert not viral.holds({**result, **wrong})
