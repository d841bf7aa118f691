"""What the commands ask of the local AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from hopcount_local.settings import SERVICES, STAGE, Settings

_CONFIG = Config(connect_timeout=2, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 2})
_DONE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})


def client(settings: Settings, service: str) -> Any:
    """Make a client of the local AWS; no profile or key of the developer's own can reach it.

    Returns `Any`: the caller's annotation names the typed client.
    """
    session = boto3.Session("test", "test", region_name=settings.region)
    return session.client(cast("Any", service), endpoint_url=settings.aws_url, config=_CONFIG)


def everything_is_deployed(settings: Settings) -> bool:
    """Tell whether the stack of every service is there and whole."""
    cloudformation = client(settings, "cloudformation")
    try:
        for service in SERVICES:
            stacks = cloudformation.describe_stacks(StackName=f"hopcount-{service}-{STAGE}")["Stacks"]
            if not stacks or stacks[0]["StackStatus"] not in _DONE:
                return False
    except (ClientError, BotoCoreError):
        return False
    return True


def parameters(settings: Settings) -> Mapping[str, str]:
    """Return what the stacks exported, by names such as `links/table-name`."""
    prefix = f"/hopcount/{STAGE}/"
    paginator = client(settings, "ssm").get_paginator("get_parameters_by_path")
    return {
        parameter["Name"].removeprefix(prefix): parameter["Value"]
        for page in paginator.paginate(Path=prefix, Recursive=True)
        for parameter in page["Parameters"]
    }
