"""What the redirect reads from its environment, checked once.

Not by `hopcount_shared.settings`: pydantic would be most of a cold start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hopcount_shared.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")


class RedirectSettings:
    """Environment of `redirect`.

    What names a resource has no default: a wrong table is worse than a failed start.

    Parameters
    ----------
    environ
        Variables by name.

    Attributes
    ----------
    table_name, event_bus_name, click_queue_url, stage
        What it works with.
    click_transport
        Where clicks go first: `bus` or `queue`.
    cache_seconds
        For how long a link is not read again.
    stale_seconds
        For how long a link that was read is still good for while the table does not answer.
    link_reader
        Who reads: `dynamodb` or `dax`.
    dax_endpoint
        The DAX cluster's address; with `dax` only.

    Raises
    ------
    SettingsError
        Naming each variable that is missing or wrong, never its value.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        problems: list[str] = []

        def read(name: str, parse: Callable[[str], T], otherwise: T) -> T:
            try:
                return parse(environ[name])
            except KeyError:
                problems.append(f"{name} is not set")
            except ValueError as error:
                problems.append(f"{name} {error}")
            return otherwise

        self.table_name = read("TABLE_NAME", _text, "")
        self.event_bus_name = read("EVENT_BUS_NAME", _text, "")
        self.click_queue_url = read("CLICK_QUEUE_URL", _text, "")
        self.stage = read("STAGE", _text, "")
        self.click_transport = read("CLICK_TRANSPORT", _one_of("bus", "queue"), "")
        self.cache_seconds = read("CACHE_SECONDS", _seconds, 0.0)
        self.stale_seconds = read("STALE_SECONDS", _seconds, 0.0)
        self.link_reader = read("LINK_READER", _one_of("dynamodb", "dax"), "")
        self.dax_endpoint = read("DAX_ENDPOINT", _text, "") if self.link_reader == "dax" else ""
        if problems:
            raise SettingsError("; ".join(problems))


def _text(value: str) -> str:
    if not value:
        raise ValueError("is empty")
    return value


def _seconds(value: str) -> float:
    if not value.isascii() or not value.isdigit():
        raise ValueError("is no number of seconds")
    return float(value)


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"is none of {', '.join(choices)}")
        return value

    return parse
