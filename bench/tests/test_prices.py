import pytest

from bench.prices import Work, dollars_per_million, rounded, seconds_on_lambda


def test_write_units_are_most_of_what_the_blueprint_costs() -> None:
    dollars = dollars_per_million(Work(clicks=1000, write_units=3000))
    assert dollars.dynamodb == pytest.approx(3 * 0.625)
    # Sent one by one, received and deleted in tens.
    assert dollars.direct == pytest.approx(3 * 0.625 + 1.2 * 0.40)
    assert dollars.bus == pytest.approx(dollars.direct + 1.00)


def test_everything_is_added_up() -> None:
    work = Work(
        clicks=1_000_000,
        write_units=2_000_000,
        read_units=1_000_000,
        batches=1000,
        invocations=2000,
        lambda_seconds=1000,
        memory_mb=512,
    )
    dollars = dollars_per_million(work)
    assert dollars.dynamodb == pytest.approx(2 * 0.625 + 0.125)
    assert dollars.functions == pytest.approx(0.002 * 0.20 + 500 * 0.0000133334)
    assert dollars.direct == pytest.approx(dollars.dynamodb + dollars.functions + 1.203 * 0.40)


def test_lonely_clicks_are_received_one_by_one() -> None:
    dollars = dollars_per_million(Work(clicks=10, write_units=0, batches=10))
    assert dollars.direct == pytest.approx(6 * 0.40)


def test_half_a_processor_takes_twice_as_long() -> None:
    assert seconds_on_lambda(3, 1, 1769) == 4
    assert seconds_on_lambda(3, 1, 3008) == 4
    assert seconds_on_lambda(3, 1, 884) == pytest.approx(7, abs=0.01)


def test_dollars_are_printed_in_cents() -> None:
    printed = rounded(dollars_per_million(Work(clicks=3, write_units=10)))
    assert printed == {"dynamodb": 2.08, "functions": 0.0, "bus": 3.56, "direct": 2.56}
