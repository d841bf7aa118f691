"""Which function answers which request, and who may ask: read from every service's template."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tools.templates import ROOT, read_template

MACHINES = "/v1"
"""The same paths behind it take API tokens."""


class Access(Enum):
    """Who may ask."""

    PUBLIC = None
    SIGNED_IN = "jwt"
    API_TOKEN = "request"  # noqa: S105  the type of an authorizer


@dataclass(frozen=True)
class Route:
    """A route of the HTTP API.

    Parameters
    ----------
    service
        The folder below `services`.
    module
        The module of its function's handler.
    method
        In capitals.
    path
        As the gateway writes it, for instance `/urls/{id}`.
    access
        Who may ask.
    """

    service: str
    module: str
    method: str
    path: str
    access: Access

    @property
    def path_in_code(self) -> str:
        """The path that the function's resolver knows: without the prefix for API tokens."""
        return self.path.removeprefix(MACHINES) if self.access is Access.API_TOKEN else self.path

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def discover() -> list[Route]:
    """Return every route that a template declares."""
    return [
        route
        for path in sorted((ROOT / "services").glob("*/serverless.yml"))
        for route in _routes(path.parent.name, read_template(path))
    ]


def _routes(service: str, template: dict[str, Any]) -> Iterator[Route]:
    for function in (template.get("functions") or {}).values():
        module = function["handler"].rpartition(".")[0].replace("/", ".")
        for event in function.get("events", []):
            if http := event.get("httpApi"):
                access = Access((http.get("authorizer") or {}).get("type"))
                yield Route(service, module, http["method"].upper(), http["path"], access)
