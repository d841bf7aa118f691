"""The consumer of clicks, and how to let clicks wait in their queue for a while."""

from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self

from botocore.exceptions import ClientError

from hopcount_cli.errors import CommandError
from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.queue import Queue
from hopcount_cli.ops.tools import Tools
from hopcount_shared.aws import error_code

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient

PATIENCE = timedelta(minutes=3)
"""For how long Lambda may take to stop asking the queue, or to begin again."""

IN_FLIGHT_PATIENCE = timedelta(minutes=1)
"""For how long batches that were taken before may be waited for."""

_POLL_SECONDS = 0.5
_SETTLED = frozenset({"Enabled", "Disabled"})


class Consumer:
    """What takes clicks from the queue: an event source mapping of Lambda.

    Parameters
    ----------
    tools
        AWS and the time.
    deployment
        Which deployment.
    """

    def __init__(self, tools: Tools, deployment: Deployment) -> None:
        self._tools = tools
        self._lambda: LambdaClient = tools.client("lambda")
        self._queue = Queue(tools, deployment["analytics/click-queue-url"])
        self.mapping = deployment["analytics/click-consumer-mapping-id"]

    def state(self) -> str:
        """Return what Lambda says of it: `Enabled`, `Disabled`, or that it is becoming one of them."""
        return str(self._lambda.get_event_source_mapping(UUID=self.mapping)["State"])

    def switch(self, *, on: bool) -> None:
        """Let it begin or stop taking clicks, and wait until it has.

        Raises
        ------
        CommandError
            If that takes too long.
        """
        began, wanted, asked = self._tools.clock(), "Enabled" if on else "Disabled", False
        while (state := self.state()) != wanted:
            if state in _SETTLED and not asked:
                asked = self._ask(on=on)
            if self._tools.clock() - began > PATIENCE:
                raise CommandError(f"the click consumer is still {state}, not {wanted}: try again later")
            self._tools.wait(_POLL_SECONDS)

    def _ask(self, *, on: bool) -> bool:
        try:
            self._lambda.update_event_source_mapping(UUID=self.mapping, Enabled=on)
        except ClientError as error:
            if error_code(error) != "ResourceInUseException":  # it is being changed: ask again
                raise
            return False
        return True

    def await_batches(self) -> None:
        """Wait until nothing is in flight, as far as the queue knows, or long enough."""
        began = self._tools.clock()
        while self._queue.counts().in_flight and self._tools.clock() - began < IN_FLIGHT_PATIENCE:
            self._tools.wait(_POLL_SECONDS)


@dataclass
class ConsumerPause:
    """Lets clicks wait in their queue, for a `with` statement. Who has paused it before us stays in charge.

    Parameters
    ----------
    tools
        Where to say so.
    consumer
        What is paused.
    ours
        Whether we paused it: at the end it begins again only then. Given if we did so before and died.
    """

    tools: Tools
    consumer: Consumer
    ours: bool = False
    _stay: bool = field(default=False, init=False)

    def __enter__(self) -> Self:
        """Stop it, and wait for the batches that it has taken."""
        self.ours = self.ours or self.consumer.state() not in {"Disabled", "Disabling"}
        try:
            self.consumer.switch(on=False)
            self.consumer.await_batches()
        except BaseException:
            self._resume()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let it begin again, unless it is to stay paused."""
        if not self._stay:
            self._resume()

    def stay(self, *, stay: bool = True) -> None:
        """Say whether it is to stay paused afterwards."""
        self._stay = stay

    def _resume(self) -> None:
        command = f"aws lambda update-event-source-mapping --uuid {self.consumer.mapping} --enabled"
        if not self.ours:
            self.tools.note(f"The click consumer was paused before, and stays so. To let it go on: {command}")
            return
        try:
            self.consumer.switch(on=True)
        except BaseException:
            self.tools.note(f"CLICKS ARE NOT COUNTED: the consumer is paused. Let it go on: {command}")
            raise
