"""The consumer of clicks, and how to let clicks wait in their queue for a while."""

from collections.abc import Callable
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
"""For how long Lambda may take to stop asking the queue."""

IN_FLIGHT_PATIENCE = timedelta(minutes=1)
"""For how long batches that were taken before may be waited for."""

_POLL_SECONDS = 0.5


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

    def resume(self) -> None:
        """Let it go on, without waiting until it does.

        Raises
        ------
        CommandError
            If Lambda does not even take that for too long.
        """
        began = self._tools.clock()
        while not self._ask(on=True):
            if self._tools.clock() - began > PATIENCE:
                raise CommandError(f"the click consumer is still {self.state()}, and cannot be told to go on")
            self._tools.wait(_POLL_SECONDS)

    def pause(self) -> None:
        """Let it stop taking clicks, and wait until it has.

        Raises
        ------
        CommandError
            If that takes too long.
        """
        began, asked = self._tools.clock(), False
        while (state := self.state()) != "Disabled":
            if state == "Enabled" and not asked:
                asked = self._ask(on=False)
            if self._tools.clock() - began > PATIENCE:
                raise CommandError(
                    f"the click consumer is still {state}, and cannot be paused: try again later"
                )
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
        Whether we paused it: in the end it goes on only then. Given if we did so before, and died.
    before
        Is called before we pause it.
    stays
        Whether it is to stay paused in the end, because somebody has to come back first.
    """

    tools: Tools
    consumer: Consumer
    ours: bool = False
    before: Callable[[], object] = lambda: None
    stays: bool = False
    _over: bool = field(default=False, init=False)

    def __enter__(self) -> Self:
        """Stop it, and wait for the batches that it has taken."""
        if not self.ours and self.consumer.state() not in {"Disabled", "Disabling"}:
            self.ours = True
            self.before()
        try:
            self.consumer.pause()
            self.consumer.await_batches()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let it go on, unless it does or is to stay paused."""
        self.end()

    def end(self) -> None:
        """Let it go on now, if we paused it."""
        if self._over or self.stays:
            return
        self._over = True
        if not self.ours:
            self.tools.note(f"The click consumer was paused before, and stays so. {self.hint}")
            return
        try:
            self.consumer.resume()
        except BaseException:
            self.tools.note(f"CLICKS ARE NOT COUNTED: the consumer is paused. {self.hint}")
            raise

    @property
    def hint(self) -> str:
        """How anybody lets it go on."""
        mapping = self.consumer.mapping
        return f"To let it go on: aws lambda update-event-source-mapping --uuid {mapping} --enabled"
