from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from analytics.queue import ClickQueue
from hopcount_shared.aws import client

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient


@dataclass
class Queue:
    sqs: "SQSClient"
    url: str

    def send(self, number: int) -> None:
        for n in range(number):
            self.sqs.send_message(QueueUrl=self.url, MessageBody=str(n))

    def receive(self) -> dict[str, str]:
        """Take every visible message; return receipt handles by body."""
        taken: dict[str, str] = {}
        while messages := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            taken |= {message["Body"]: message["ReceiptHandle"] for message in messages}
        return taken


@pytest.fixture
def queue() -> Iterator[Queue]:
    with mock_aws():
        sqs: SQSClient = client("sqs")
        created = sqs.create_queue(QueueName="clicks", Attributes={"VisibilityTimeout": "3600"})
        yield Queue(sqs, created["QueueUrl"])


def test_what_is_given_up_is_delivered_again_at_once_and_nothing_else(queue: Queue) -> None:
    queue.send(25)
    taken = queue.receive()
    assert len(taken) == 25
    given_up = {body: handle for body, handle in taken.items() if int(body) < 23}
    ClickQueue(queue.sqs, queue.url, queue.url).give_up(list(given_up.values()))
    assert set(queue.receive()) == set(given_up)


def test_nothing_is_asked_of_the_queue_for_nothing(queue: Queue) -> None:
    queue.sqs.delete_queue(QueueUrl=queue.url)
    ClickQueue(queue.sqs, queue.url, queue.url).give_up([])


def test_a_queue_that_refuses_does_not_fail_the_batch(queue: Queue, caplog: pytest.LogCaptureFixture) -> None:
    queue.send(1)
    (handle,) = queue.receive().values()
    queue.sqs.delete_queue(QueueUrl=queue.url)
    ClickQueue(queue.sqs, queue.url, queue.url).give_up([handle])
    assert "refused messages wait" in caplog.text


def test_waking_the_folder_sends_one_message(queue: Queue) -> None:
    folds = queue.sqs.create_queue(QueueName="folds")["QueueUrl"]
    ClickQueue(queue.sqs, queue.url, folds).wake_folder()
    assert queue.receive() == {}
    assert len(Queue(queue.sqs, folds).receive()) == 1


def test_a_folder_that_cannot_be_woken_does_not_fail_the_batch(
    queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    ClickQueue(queue.sqs, queue.url, f"{queue.url}-that-is-not-there").wake_folder()
    assert "the folder was not woken" in caplog.text
