"""Services deploy to a stage of their own, each from its folder or all by compose, and leave nothing."""

from typing import Any

import pytest

from tests.support.stack import Stack
from tests.support.templates import SERVICES, compose, serverless

NEW_STAGE = "deploy-check"

# What a deployment may leave behind: a call, the key that holds the list, the key that names an entry.
INVENTORIES = (
    ("apigatewayv2", "get_apis", "Items", "ApiId"),
    ("cloudformation", "list_stacks", "StackSummaries", "StackId"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    ("dynamodb", "list_tables", "TableNames", None),
    ("events", "list_archives", "Archives", "ArchiveName"),
    ("events", "list_event_buses", "EventBuses", "Name"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("sqs", "list_queues", "QueueUrls", None),
    ("ssm", "describe_parameters", "Parameters", "Name"),
)


def inventory(stack: Stack) -> dict[str, set[str]]:
    """List everything there is on the local AWS, by kind."""
    found: dict[str, set[str]] = {}
    for service, call, key, name in INVENTORIES:
        client = stack.client(service)
        if client.can_paginate(call):
            pages = list(client.get_paginator(call).paginate())
        else:
            pages = [getattr(client, call)()]
        entries: list[Any] = [entry for page in pages for entry in page.get(key, [])]
        entries = [entry for entry in entries if not deleted_stack(entry)]
        found[f"{service}:{call}"] = {entry if name is None else entry[name] for entry in entries}
    pools = stack.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
    found["cognito-idp:list_user_pools"] = {pool["Id"] for pool in pools}
    rules = [
        rule["Name"]
        for bus in found["events:list_event_buses"]
        for rule in stack.client("events").list_rules(EventBusName=bus)["Rules"]
    ]
    found["events:list_rules"] = set(rules)
    return found


def deleted_stack(entry: Any) -> bool:
    """Tell the record that CloudFormation keeps of a stack which is gone."""
    return isinstance(entry, dict) and entry.get("StackStatus") == "DELETE_COMPLETE"


@pytest.fixture(scope="module")
def before(stack: Stack) -> dict[str, set[str]]:
    return inventory(stack)


def left(stack: Stack, before: dict[str, set[str]]) -> dict[str, list[str]]:
    """Return what is there now and was not before."""
    now = inventory(stack)
    return {kind: sorted(names - before[kind]) for kind, names in now.items() if names - before[kind]}


def test_each_service_deploys_alone_and_leaves_nothing_when_removed(
    stack: Stack, before: dict[str, set[str]]
) -> None:
    deployed: list[str] = []
    try:
        for service in SERVICES:
            deployed.append(service)
            serverless(stack, service, "deploy", "--stage", NEW_STAGE)
        assert len(left(stack, before)["dynamodb:list_tables"]) == 7
    finally:
        for service in reversed(deployed):
            serverless(stack, service, "remove", "--stage", NEW_STAGE)
    assert left(stack, before) == {}


def test_all_services_deploy_together_and_leave_nothing_when_removed(
    stack: Stack, before: dict[str, set[str]]
) -> None:
    try:
        compose(stack, "deploy", "--stage", NEW_STAGE)
        assert len(left(stack, before)["dynamodb:list_tables"]) == 7
    finally:
        compose(stack, "remove", "--stage", NEW_STAGE)
    assert left(stack, before) == {}
