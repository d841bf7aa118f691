"""The CloudFormation templates that the Serverless CLI really makes, and how to look into them."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.stack import ROOT, STAGE, Stack

SERVICES = ("platform", "links", "users", "analytics", "redirect", "web")
CHECKED_STAGE = "template-check"
"""A stage that nobody deploys: its templates carry the defaults that a deployment to AWS gets."""

Node = Any


@dataclass(frozen=True)
class Statement:
    """One IAM statement, and where it stands."""

    service: str
    role: str
    raw: Mapping[str, Any]

    @property
    def actions(self) -> list[str]:
        return _as_list(self.raw.get("Action", []))

    @property
    def resources(self) -> list[Any]:
        return _as_list(self.raw.get("Resource", []))

    @property
    def conditions(self) -> Mapping[str, Any]:
        return self.raw.get("Condition", {})

    def __str__(self) -> str:
        return f"{self.service}/{self.role}: {json.dumps(self.raw)}"


@dataclass(frozen=True)
class Template:
    """One service's compiled template."""

    service: str
    path: Path
    body: Mapping[str, Any]

    def resources(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """Return the properties of every resource of a type, by logical id."""
        found = self.body["Resources"].items()
        return {name: node.get("Properties", {}) for name, node in found if node["Type"] == kind}

    def statements(self) -> Iterator[Statement]:
        """Yield every statement of every role."""
        for role, properties in self.resources("AWS::IAM::Role").items():
            for policy in properties.get("Policies", []):
                for raw in _as_list(policy["PolicyDocument"]["Statement"]):
                    yield Statement(self.service, role, raw)
        for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            for name, properties in self.resources(kind).items():
                for raw in _as_list(properties["PolicyDocument"]["Statement"]):
                    yield Statement(self.service, name, raw)


def compile_templates(stack: Stack, folder: Path) -> dict[str, Template]:
    """Compile every service for a stage with the defaults, reading the running deployment's parameters.

    The checked stage's SSM parameters are copies of the running stage's, and are removed again.
    """
    ssm = stack.client("ssm")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=f"/hopcount/{STAGE}", Recursive=True)
    copies = {
        parameter["Name"].replace(f"/{STAGE}/", f"/{CHECKED_STAGE}/", 1): parameter["Value"]
        for page in pages
        for parameter in page["Parameters"]
    }
    try:
        for name, value in copies.items():
            ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
        return {service: _compile(stack, service, folder / service) for service in SERVICES}
    finally:
        for name in copies:
            ssm.delete_parameter(Name=name)


def serverless(stack: Stack, service: str, *arguments: str) -> None:
    """Run the Serverless CLI in a service's folder against the local AWS."""
    _run(stack, ROOT / "services" / service, "serverless", *arguments)


def compose(stack: Stack, *arguments: str) -> None:
    """Run the Serverless CLI for all services, as the compose file says, against the local AWS."""
    _run(stack, ROOT, "osls-compose", *arguments)


def _run(stack: Stack, folder: Path, *command: str) -> None:
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": stack.outputs["awsEndpointUrl"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": stack.outputs["region"],
        "SLS_AWS_MONITORING_FREQUENCY": "250",
        "SLS_TELEMETRY_DISABLED": "1",
    }
    environment.pop("HOPCOUNT_PUBLIC_BASE_URL", None)
    ran = subprocess.run(
        ["npx", "--no-install", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"{folder.name}: {command}\n{ran.stdout}\n{ran.stderr}"


def _compile(stack: Stack, service: str, folder: Path) -> Template:
    serverless(stack, service, "package", "--stage", CHECKED_STAGE, "--package", str(folder))
    path = folder / "cloudformation-template-update-stack.json"
    return Template(service, path, json.loads(path.read_text()))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def strings(node: Node) -> Iterator[str]:
    """Yield every string below a node, keys left out."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
