"""Which function answers which request, and who may ask: read from every service's template."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
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
    """Return every route that a template declares: beside its function, or as a resource that names one."""
    templates = {path.parent.name: read_template(path) for path in _templates("serverless.yml")}
    beside = [route for service, template in templates.items() for route in _routes(service, template)]
    return [*beside, *_resources(templates)]


def _templates(pattern: str) -> list[Path]:
    return sorted((ROOT / "services").glob(f"*/{pattern}"))


def _routes(service: str, template: dict[str, Any]) -> Iterator[Route]:
    for function in (template.get("functions") or {}).values():
        for event in function.get("events", []):
            if http := event.get("httpApi"):
                access = Access((http.get("authorizer") or {}).get("type"))
                yield Route(service, _module(function), http["method"].upper(), http["path"], access)


def _resources(templates: dict[str, dict[str, Any]]) -> Iterator[Route]:
    """Yield the routes that stand for themselves. The one kind there is asks nobody who they are."""
    functions = {
        function["name"]: (service, _module(function))
        for service, template in templates.items()
        for function in (template.get("functions") or {}).values()
    }
    for path in _templates("infra/*.yml"):
        resources = read_template(path).get("Resources") or {}
        for resource in resources.values():
            if resource["Type"] == "AWS::ApiGatewayV2::Route":
                properties = resource["Properties"]
                integration = resources[properties["Target"].removeprefix("integrations/${").rstrip("}")]
                uri = integration["Properties"]["IntegrationUri"]
                service, module = functions[uri.rpartition(":function:")[2]]
                method, route = properties["RouteKey"].split(" ")
                yield Route(service, module, method, route, Access(properties.get("AuthorizerId")))


def _module(function: dict[str, Any]) -> str:
    return str(function["handler"]).rpartition(".")[0].replace("/", ".")
