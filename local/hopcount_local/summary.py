"""What `up` says in the end: where everything is and what to try."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

_SHOWN = 5


def lines(outputs: dict[str, Any], links: list[dict[str, Any]]) -> list[str]:
    """Return the addresses, the demo account and commands that work when pasted.

    The password is told by where it is: what a command prints ends up in logs.
    """
    busiest = sorted(links, key=lambda link: -link["clicks"])[:_SHOWN]
    shown = [f"{link['shortUrl']} {link['clicks']:4} clicks, to {link['originalUrl']}" for link in busiest]
    return [
        "",
        f"Hopcount runs at {outputs['baseUrl']}",
        f"  its API        {outputs['baseUrl']}/docs",
        f"  demo account   {outputs['demoUser']['email']} (password: .local/outputs.json, demoUser.password)",
        f"  local AWS      {outputs['awsEndpointUrl']}",
        "  all addresses  .local/outputs.json",
        "  logs           .local/logs/",
        *(["", "Its busiest links:"] if shown else []),
        *(f"  {line}" for line in shown),
        "",
        "Try next:",
        *(f"  {line}" for line in _commands(outputs["baseUrl"], busiest)),
        "",
        "Stop: make down",
    ]


def _commands(base: str, busiest: list[dict[str, Any]]) -> list[str]:
    python = os.path.relpath(sys.executable)
    bearer = '-H "Authorization: Bearer $TOKEN"'
    as_json = "-H 'Content-Type: application/json'"
    link = '{"originalUrl": "https://www.python.org/about/"}'
    commands = [
        f"TOKEN=$({python} -m hopcount_local token)",
        f"curl -s {base}/urls {bearer} {as_json} -d '{link}'",
        f"curl -s '{base}/urls?limit=3' {bearer}",
        f"curl -s {base}/users/me {bearer}",
    ]
    if busiest:
        code = busiest[0]["id"]
        commands += [f"curl -si {base}/{code}", f"curl -s {base}/stats/{code} {bearer}"]
    hopcount = os.path.relpath(Path(sys.executable).with_name("hopcount"))
    return [*commands, f'eval "$({python} -m hopcount_local env)"; {hopcount} ops verify --all']
