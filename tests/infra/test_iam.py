"""Least privilege, read from the templates that the Serverless CLI compiles."""

import json
from typing import Any

from tests.support.templates import SERVICES, Statement, Template, strings

# Actions on another service's table, and the attributes they may touch: design section 1, "one exception".
BOUNDED_EXCEPTIONS = {
    ("redirect", "UrlShortener"): {"dynamodb:GetItem"},
    ("analytics", "UrlShortener"): {"dynamodb:UpdateItem", "dynamodb:GetItem"},
    ("analytics", "User"): {"dynamodb:UpdateItem"},
}
COUNTED_ATTRIBUTES = {
    "UrlShortener": {"id", "clicks", "botClicks", "change"},
    "User": {"userId", "totalClicks"},
}
OWNERS = {
    "UrlShortener": "links",
    "LinksInternal": "links",
    "User": "users",
    "UsersInternal": "users",
    "DailyStats": "analytics",
    "ClickLedger": "analytics",
}


def all_statements(templates: dict[str, Template]) -> list[Statement]:
    found = [statement for template in templates.values() for statement in template.statements()]
    assert len(found) > 20, "the templates hold fewer statements than there are functions"
    return found


def test_no_statement_has_a_wildcard(templates: dict[str, Template]) -> None:
    for statement in all_statements(templates):
        assert not any("*" in action for action in statement.actions), statement
        assert not any("*" in text for text in strings(statement.resources)), statement
        assert "NotAction" not in statement.raw, statement
        assert "NotResource" not in statement.raw, statement


def test_every_function_has_a_role_of_its_own(templates: dict[str, Template]) -> None:
    for service in SERVICES[1:]:
        functions = templates[service].resources("AWS::Lambda::Function")
        roles = [json.dumps(properties["Role"]) for properties in functions.values()]
        assert functions
        assert len(set(roles)) == len(roles), f"{service}: two functions share a role"
        assert len(templates[service].resources("AWS::IAM::Role")) == len(roles), f"{service}: an unused role"


def test_a_role_can_be_assumed_by_lambda_alone(templates: dict[str, Template]) -> None:
    for template in templates.values():
        for name, role in template.resources("AWS::IAM::Role").items():
            (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
            assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}, name


def test_managed_policies_are_those_that_name_no_resource(templates: dict[str, Template]) -> None:
    for template in templates.values():
        for name, role in template.resources("AWS::IAM::Role").items():
            for policy in role.get("ManagedPolicyArns", []):
                assert "".join(strings(policy)).endswith("iam::aws:policy/AWSXRayDaemonWriteAccess"), name


def table_of(template: Template, resource: Any) -> str | None:
    """Name the table that a statement's resource is, or None if it is none (`UrlShortener`, not its ARN)."""
    if isinstance(resource, dict) and "Fn::GetAtt" in resource:
        logical_id, attribute = resource["Fn::GetAtt"]
        table = template.resources("AWS::DynamoDB::Table").get(logical_id)
        return str(table["TableName"]).rsplit("-", 1)[1] if table and attribute == "Arn" else None
    text = "".join(strings(resource))
    if ":table/" in text and "/stream/" not in text:
        return text.split(":table/")[1].split("/")[0].rsplit("-", 1)[1]
    named = [
        str(table["TableName"]).rsplit("-", 1)[1]
        for logical_id, table in template.resources("AWS::DynamoDB::Table").items()
        if f"${{{logical_id}.Arn}}" in text
    ]
    return named[0] if named else None


def table_statements(templates: dict[str, Template]) -> list[tuple[Statement, str]]:
    found = []
    for statement in all_statements(templates):
        for resource in statement.resources:
            table = table_of(templates[statement.service], resource)
            if any(action.startswith("dynamodb:") for action in statement.actions) and table:
                found.append((statement, table))
    return found


def test_no_function_reaches_another_services_table(templates: dict[str, Template]) -> None:
    found = table_statements(templates)
    assert {table for _, table in found} == set(OWNERS), "a table that no statement names was not recognised"
    for statement, table in found:
        if OWNERS[table] == statement.service:
            continue
        allowed = BOUNDED_EXCEPTIONS.get((statement.service, table), set())
        assert set(statement.actions) <= allowed, f"{table}: {statement}"


def test_the_one_exception_is_bounded_to_counters(templates: dict[str, Template]) -> None:
    foreign = [
        (statement, table)
        for statement, table in table_statements(templates)
        if OWNERS[table] != statement.service and "dynamodb:UpdateItem" in statement.actions
    ]
    assert {table for _, table in foreign} == {"UrlShortener", "User"}
    for statement, table in foreign:
        assert statement.actions == ["dynamodb:UpdateItem"], statement
        attributes = statement.conditions["ForAllValues:StringEquals"]["dynamodb:Attributes"]
        assert set(attributes) <= COUNTED_ATTRIBUTES[table], statement
        # ForAllValues holds where the key is absent: the key must be there.
        assert statement.conditions["Null"] == {"dynamodb:Attributes": "false"}, statement


def test_events_are_published_under_ones_own_name_only(templates: dict[str, Template]) -> None:
    publishing = [s for s in all_statements(templates) if "events:PutEvents" in s.actions]
    assert {s.service for s in publishing} == {"links", "redirect", "users"}
    for statement in publishing:
        assert statement.actions == ["events:PutEvents"], statement
        source = statement.conditions["StringEquals"]["events:source"]
        assert source == f"hopcount.{statement.service}", statement


def test_a_lambda_may_be_invoked_by_a_named_source_only(templates: dict[str, Template]) -> None:
    permissions = [
        (template.service, name, properties)
        for template in templates.values()
        for name, properties in template.resources("AWS::Lambda::Permission").items()
    ]
    assert permissions
    for service, name, properties in permissions:
        assert properties.get("SourceArn"), f"{service}/{name}"
        assert properties["Action"] == "lambda:InvokeFunction", f"{service}/{name}"
