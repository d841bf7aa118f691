import pytest
from botocore.exceptions import ClientError

from hopcount_shared.aws import THROTTLES, cancellation_codes, client, error_code


def test_a_client_gives_up_early() -> None:
    config = client("dynamodb").meta.config
    assert (config.connect_timeout, config.read_timeout) == (1, 3)
    assert config.retries == {"mode": "standard", "total_max_attempts": 4}


def test_a_client_can_be_told_to_give_up_earlier() -> None:
    config = client("events", connect_timeout=0.5, read_timeout=1, attempts=2).meta.config
    assert (config.connect_timeout, config.read_timeout) == (0.5, 1)
    assert config.retries["total_max_attempts"] == 2


@pytest.mark.parametrize("code", sorted(THROTTLES))
def test_an_error_tells_its_code(code: str) -> None:
    assert error_code(ClientError({"Error": {"Code": code}}, "PutItem")) == code


def test_an_error_without_a_code_has_none() -> None:
    assert error_code(ClientError({}, "PutItem")) == ""


def test_a_cancelled_transaction_tells_why_in_item_order() -> None:
    error = ClientError(
        {
            "Error": {"Code": "TransactionCanceledException"},
            "CancellationReasons": [{"Code": "None"}, {"Code": "ConditionalCheckFailed"}, {}],
        },
        "TransactWriteItems",
    )
    assert cancellation_codes(error) == ("None", "ConditionalCheckFailed", "None")


def test_another_error_tells_no_reasons() -> None:
    assert cancellation_codes(ClientError({"Error": {"Code": "x"}}, "PutItem")) == ()
