"""`hopcount ops tail`: clicks as they happen, until Ctrl-C."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.text import Text

from analytics.domain.clicks import Click, click_id
from analytics.events import read_message
from hopcount_cli.errors import CommandError
from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.listener import Listener
from hopcount_cli.ops.signals import ended_in_order
from hopcount_cli.ops.tools import DEFAULT_STAGE, Stage, Tools
from hopcount_shared.errors import MessageRejectedError
from hopcount_shared.times import to_iso

_PAUSE_SECONDS = 0.1
"""Between two questions that were answered by nothing; SQS itself waits for a second."""

_AGENT_WIDTH = 80


def tail(
    context: typer.Context,
    link: Annotated[
        str | None, typer.Option("--link", metavar="CODE", help="Clicks on this link alone.")
    ] = None,
    count: Annotated[
        int | None, typer.Option("--count", metavar="N", min=1, help="End after so many clicks.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each click.")] = False,
    stage: Stage = DEFAULT_STAGE,
) -> None:
    """Print clicks as they happen: time, code, country, person or machine, device, browser, system, referrer.

    Listens to the bus by a rule and a queue of its own, hopcount-STAGE-tail-..., which it removes in the end;
    what a command that was killed left behind goes when the next one starts a day later. Counts are not
    touched. A click may, rarely, be printed twice. A new rule may take AWS up to a minute to work.

    Exit codes: 0 after --count clicks; 2 not understood, or AWS refused; 130 Ctrl-C; 143 told to end.
    """
    tools = Tools.of(context)
    deployment = Deployment.find(tools.client("ssm"), stage)
    if deployment["redirect/click-transport"] != "bus":
        raise CommandError(
            f"clicks of stage {stage!r} go straight to their queue (clickTransport), and not over the bus: "
            "there is nothing to listen to"
        )
    with ended_in_order(), Listener(tools, deployment, _pattern(link)) as listener:
        tools.note("Listening. Ctrl-C ends it.")
        left = count
        for seen in _clicks(tools, listener):
            tools.out.print(Text(seen.to_json()) if as_json else seen.to_text())
            left = None if left is None else left - 1
            if left == 0:
                return


def _pattern(link: str | None) -> dict[str, Any]:
    pattern: dict[str, Any] = {"source": ["hopcount.redirect"], "detail-type": [{"prefix": "LinkClicked."}]}
    return {**pattern, "detail": {"data": {"shortCode": [link]}}} if link is not None else pattern


@dataclass(frozen=True)
class Seen:
    """A click as it is shown.

    Parameters
    ----------
    click
        What the engine makes of it.
    country, agent
        What the event says itself, of machines too; what strangers write is made harmless to a terminal.
    """

    click: Click
    country: str
    agent: str

    @classmethod
    def read(cls, body: str) -> "Seen | None":
        """Read an event; nothing if it is no click."""
        click = read_message(body)
        if not isinstance(click, Click):
            return None
        data = json.loads(body)["data"]
        return cls(click, _harmless(data.get("country")), _harmless(data.get("userAgent")))

    @property
    def kind(self) -> str:
        """Whether a person or a machine clicked."""
        return "machine" if self.click.visitor.is_bot else "person"

    def to_json(self) -> str:
        """Write it in a line."""
        click, visitor = self.click, self.click.visitor
        content = {
            "time": to_iso(click.occurred_at),
            "id": click_id(click.producer, click.sequence),
            "code": click.short_code,
            "kind": self.kind,
            "country": self.country,
            "device": visitor.device,
            "browser": visitor.browser,
            "os": visitor.os,
            "referrer": visitor.referrer,
            "language": visitor.language,
            "userAgent": self.agent,
        }
        return json.dumps(content, ensure_ascii=False)

    def to_text(self) -> Text:
        """Write it for a person: of machines their own name, of people what is counted of them."""
        click, visitor = self.click, self.click.visitor
        text = Text(f"{click.occurred_at:%Y-%m-%dT%H:%M:%SZ} ")
        text.append(f"{click.short_code:12} ", style="bold")
        text.append(f"{self.kind:7} {self.country:7} ", style="dim" if visitor.is_bot else "green")
        if visitor.is_bot:
            return text.append(self.agent[:_AGENT_WIDTH])
        seen = (visitor.device, visitor.browser, visitor.os, visitor.language)
        return text.append(f"{' '.join(seen)}, from {visitor.referrer}")


def _harmless(text: Any) -> str:
    """Return text without anything that a terminal would obey."""
    if not isinstance(text, str) or not text:
        return "unknown"
    return "".join(character if character.isprintable() else "?" for character in text)


def _clicks(tools: Tools, listener: Listener) -> Iterator[Seen]:
    while True:
        bodies = listener.receive()
        if not bodies:
            tools.wait(_PAUSE_SECONDS)
        found: list[Seen] = []
        for body in bodies:
            try:
                seen = Seen.read(body)
            except MessageRejectedError as error:
                tools.note(f"hopcount: an event that the engine would refuse: {error}")
                continue
            if seen:
                found.append(seen)
        yield from sorted(found, key=lambda seen: seen.click.occurred_at)
