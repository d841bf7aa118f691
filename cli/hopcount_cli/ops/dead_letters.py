"""Move dead letters back to the click queue, or say what they are.

By receiving, sending and deleting, in that order: what is interrupted is delivered twice, never lost, and the
engine drops what it has. Whatever gets there after the command began, be it refused again, is left alone.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.messages import Verdict, describe, judge, unwrap
from hopcount_cli.ops.queue import Message, Queue
from hopcount_cli.ops.tools import Tools

SOURCES = ("analytics/click-dlq-url", "analytics/click-rule-dlq-url")
"""What the engine refused, and what the bus could not deliver to its queue."""

TARGET = "analytics/click-queue-url"

_ENOUGH = 5
"""After how many calls in a row that give nothing of before the start a queue counts as read."""

_MOST = 100_000
"""What a dry run looks at: SQS lets nobody hold more than 120,000 messages."""


@dataclass
class Letters:
    """The messages of a dead-letter queue that were there at the start, each once.

    Parameters
    ----------
    queue
        The queue.
    began
        The start, by the queue's clock.
    kept
        Messages that were received and are still there, for `give_back`.
    newer
        How many of them came after the start.
    ours
        The ids of messages that we sent: they may come back as dead letters, with the same id.
    """

    queue: Queue
    began: datetime
    kept: list[Message] = field(default_factory=list)
    newer: int = 0
    ours: set[str] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)

    def __iter__(self) -> Iterator[list[Message]]:
        """Yield them by the call."""
        fruitless = 0
        while fruitless < _ENOUGH and (messages := self.queue.receive()):
            found = [message for message in messages if self._is_wanted(message)]
            fruitless = 0 if found else fruitless + 1
            if found:
                yield found

    def _is_wanted(self, message: Message) -> bool:
        again = message.id in self._seen
        newer = message.id in self.ours or message.sent_at >= self.began
        self._seen.add(message.id)
        if again or newer:
            self.kept.append(message)
        self.newer += newer and not again
        return not again and not newer

    def give_back(self) -> None:
        """Let others have again what is still there."""
        self.queue.give_back(self.kept)


def redrive(tools: Tools, deployment: Deployment) -> bool:
    """Move all dead letters back to the click queue; return whether every one could be sent."""
    target = Queue(tools, deployment[TARGET])
    complete = [_redrive(tools, Queue(tools, deployment[source]), target) for source in SOURCES]
    return all(complete)


def _redrive(tools: Tools, source: Queue, target: Queue) -> bool:
    letters, size = _open(source)
    moved = failed = 0
    columns = (TextColumn(source.name), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=tools.notes) as progress:
            task = progress.add_task(source.name, total=size)
            for messages in letters:
                ids = target.send([unwrap(message.body) for message in messages])
                sent = [message for message, new_id in zip(messages, ids, strict=True) if new_id]
                letters.ours.update(new_id for new_id in ids if new_id)
                letters.kept += [message for message, new_id in zip(messages, ids, strict=True) if not new_id]
                source.delete(sent)
                moved, failed = moved + len(sent), failed + len(messages) - len(sent)
                progress.update(task, completed=moved, total=max(size, moved))
    finally:
        letters.give_back()
    newer = f"; {letters.newer:,} came meanwhile and stay" if letters.newer else ""
    tools.say(f"{source.name}: {moved:,} moved to {target.name}, {failed:,} could not be sent{newer}")
    return not failed


def survey(tools: Tools, deployment: Deployment) -> None:
    """Say what the dead letters are, and change nothing."""
    provable, now = deployment.provable, tools.clock()
    for queue in (Queue(tools, deployment[source]) for source in SOURCES):
        letters, _ = _open(queue)
        verdicts: Counter[Verdict] = Counter()
        try:
            for messages in letters:
                letters.kept += messages
                verdicts.update(judge(unwrap(message.body), provable, now) for message in messages)
                if len(letters.kept) >= _MOST:
                    tools.note(f"{queue.name}: only the first {_MOST:,} messages were looked at")
                    break
        finally:
            letters.give_back()
        tools.say(f"{queue.name}: {verdicts.total():,} would be moved: {describe(verdicts)}")


def _open(queue: Queue) -> tuple[Letters, int]:
    size, now = queue.size()
    # The queue's clock is told in whole seconds.
    return Letters(queue, now + timedelta(seconds=1)), size
