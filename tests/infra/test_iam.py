"""Least privilege, read from the templates that the Serverless CLI compiles."""

import json
import re
from typing import Any

from links.rows import ERASED
from tests.support.templates import SERVICES, Statement, Template, strings

# Actions on another service's table, and the attributes they may touch: design section 1, "one exception".
BOUNDED_EXCEPTIONS = {
    ("RedirectRole", "UrlShortener"): {"dynamodb:GetItem"},
    ("FoldCountsRole", "UrlShortener"): {"dynamodb:UpdateItem"},
    ("FoldCountsRole", "User"): {"dynamodb:UpdateItem"},
    ("GetLinkStatsRole", "UrlShortener"): {"dynamodb:GetItem"},
    ("GetAccountStatsRole", "UrlShortener"): {"dynamodb:BatchGetItem"},
    ("GetAccountStatsRole", "UrlShortener/index/UserHistoryIndex"): {"dynamodb:Query"},
}
# The marks are named after a ledger's life, which is random.
COUNTED_ATTRIBUTES = {
    "UrlShortener": {"id", "clicks", "botClicks", "change", "erasedAt", "epoch_*"},
    "User": {"userId", "totalClicks", "erasedAt", "epoch_*"},
}
REPORTED_ATTRIBUTES = {
    "UrlShortener": {"id", "userId", "clicks", "botClicks", "deletedAt", "erasedAt"},
    "UrlShortener/index/UserHistoryIndex": {"id", "userId"},
}
# What each function may do to which partitions of the ledger.
LEDGER_RIGHTS = {
    ("ConsumeClicksRole", "claim#*"): {"dynamodb:UpdateItem"},
    ("ConsumeClicksRole", "journal#*"): {"dynamodb:PutItem"},
    ("FoldCountsRole", "journal#*"): {"dynamodb:Query", "dynamodb:BatchWriteItem"},
    ("FoldCountsRole", "heads"): {
        "dynamodb:Query",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    },
    ("FoldCountsRole", "epochs#*"): {"dynamodb:GetItem", "dynamodb:PutItem"},
}
OWNERS = {
    "UrlShortener": "links",
    "LinksInternal": "links",
    "User": "users",
    "UsersInternal": "users",
    "ApiToken": "users",
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
    """Name the table or index that a resource is, if it is one: `User`, `UrlShortener/index/...`."""
    if isinstance(resource, dict) and "Fn::GetAtt" in resource:
        logical_id, attribute = resource["Fn::GetAtt"]
        table = template.resources("AWS::DynamoDB::Table").get(logical_id)
        return short_name(str(table["TableName"])) if table and attribute == "Arn" else None
    text = "".join(strings(resource))
    if ":table/" in text and "/stream/" not in text:
        name, *index = text.split(":table/")[1].split("/", 1)
        return "/".join([short_name(name), *index])
    named = [
        short_name(str(table["TableName"]))
        for logical_id, table in template.resources("AWS::DynamoDB::Table").items()
        if f"${{{logical_id}.Arn}}" in text
    ]
    return named[0] if named else None


def short_name(table_name: str) -> str:
    """Return a table's name without product, stage and version."""
    found = re.search(r"-([A-Z][A-Za-z]+)(-v\d+)?$", table_name)
    assert found, table_name
    return found[1]


def table_statements(templates: dict[str, Template]) -> list[tuple[Statement, str]]:
    found = []
    for statement in all_statements(templates):
        for resource in statement.resources:
            table = table_of(templates[statement.service], resource)
            if any(action.startswith("dynamodb:") for action in statement.actions) and table:
                found.append((statement, table))
    return found


def owner(table: str) -> str:
    return OWNERS[table.partition("/")[0]]


def foreign_statements(templates: dict[str, Template]) -> list[tuple[Statement, str]]:
    return [(s, table) for s, table in table_statements(templates) if owner(table) != s.service]


def test_no_function_reaches_another_services_table(templates: dict[str, Template]) -> None:
    found = table_statements(templates)
    assert {table.partition("/")[0] for _, table in found} == set(OWNERS), "a table was not recognised"
    allowed: dict[tuple[str, str], set[str]] = {}
    for statement, table in foreign_statements(templates):
        allowed.setdefault((statement.role, table), set()).update(statement.actions)
    assert allowed == BOUNDED_EXCEPTIONS


def bound(statement: Statement, key: str) -> set[str]:
    """Return the values that a condition leaves of a set-valued key, and see that it cannot hold for none."""
    # ForAllValues holds where the key is absent: the key must be there.
    assert statement.conditions["Null"] == {key: "false"}, statement
    operators = [name for name in statement.conditions if name.startswith("ForAllValues:")]
    (values,) = [statement.conditions[name][key] for name in operators]
    return set(values)


def test_what_counts_may_touch_the_counters_alone(templates: dict[str, Template]) -> None:
    counting = [(s, table) for s, table in foreign_statements(templates) if s.role == "FoldCountsRole"]
    assert {table for _, table in counting} == {"UrlShortener", "User"}
    for statement, table in counting:
        assert bound(statement, "dynamodb:Attributes") == COUNTED_ATTRIBUTES[table], statement
        # An update could hand out a row that it may not name.
        assert statement.conditions["StringEqualsIfExists"] == {"dynamodb:ReturnValues": "NONE"}, statement


def test_what_reports_may_read_owner_and_counters_alone(templates: dict[str, Template]) -> None:
    reporting = [
        (s, table)
        for s, table in foreign_statements(templates)
        if s.role in {"GetLinkStatsRole", "GetAccountStatsRole"}
    ]
    assert {table for _, table in reporting} == set(REPORTED_ATTRIBUTES)
    for statement, table in reporting:
        assert bound(statement, "dynamodb:Attributes") == REPORTED_ATTRIBUTES[table], statement
        # Without a projection a read names its keys alone, and hands out everything.
        selected = statement.conditions["StringEqualsIfExists"]
        assert selected == {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}, statement


def test_each_function_keeps_to_its_part_of_the_ledger(templates: dict[str, Template]) -> None:
    rights: dict[tuple[str, str], set[str]] = {}
    for statement, table in table_statements(templates):
        if table != "ClickLedger":
            continue
        for partition in bound(statement, "dynamodb:LeadingKeys"):
            rights.setdefault((statement.role, partition), set()).update(statement.actions)
    assert rights == LEDGER_RIGHTS


def test_what_erases_touches_what_owners_wrote_and_no_counter(templates: dict[str, Template]) -> None:
    listing, erasing = (
        s for s, table in table_statements(templates) if (s.role, table) == ("EraseLinksRole", "UrlShortener")
    )
    assert (listing.actions, erasing.actions) == (["dynamodb:Query"], ["dynamodb:UpdateItem"])
    assert any("/index/UserHistoryIndex" in text for text in strings(listing.resources))
    assert bound(erasing, "dynamodb:Attributes") == {*ERASED, "id", "erasedAt", "change"}
    assert erasing.conditions["StringEqualsIfExists"] == {"dynamodb:ReturnValues": "NONE"}


def test_a_bulk_creation_touches_quotas_alone_of_what_is_internal(templates: dict[str, Template]) -> None:
    (statement,) = (
        s
        for s, table in table_statements(templates)
        if (s.role, table) == ("CreateLinksInBulkRole", "LinksInternal")
    )
    assert statement.actions == ["dynamodb:UpdateItem"]
    assert bound(statement, "dynamodb:LeadingKeys") == {"quota#*"}


def test_events_are_published_under_ones_own_name_only(templates: dict[str, Template]) -> None:
    publishing = [s for s in all_statements(templates) if "events:PutEvents" in s.actions]
    assert {s.service for s in publishing} == {"links", "redirect", "users", "web"}
    for statement in publishing:
        assert statement.actions == ["events:PutEvents"], statement
        source = statement.conditions["StringEquals"]["events:source"]
        assert source == f"hopcount.{statement.service}", statement


def test_what_strangers_tell_can_become_one_kind_of_event_alone(templates: dict[str, Template]) -> None:
    statements = [s for s in all_statements(templates) if s.role == "CollectEventsRole"]
    (publishing,) = (s for s in statements if "events:PutEvents" in s.actions)
    assert publishing.conditions["StringEquals"]["events:detail-type"] == "AppUsed.v1"
    assert sorted(action for s in statements for action in s.actions) == [
        "events:PutEvents",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ]


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


# What the functions around API tokens and accounts may do: `dynamodb` on which table, touching what.
TOKEN_RIGHTS = {
    ("CreateTokenRole", "ApiToken", "dynamodb:PutItem"): None,
    ("CreateTokenRole", "ApiToken", "dynamodb:DeleteItem"): {"id", "userId"},
    ("CreateTokenRole", "ApiToken", "dynamodb:BatchGetItem"): "shown",
    ("CreateTokenRole", "User", "dynamodb:GetItem"): {"userId", "apiTokens", "erasedAt", "disabledAt"},
    ("CreateTokenRole", "User", "dynamodb:UpdateItem"): {"userId", "apiTokens", "erasedAt", "disabledAt"},
    ("ListTokensRole", "ApiToken", "dynamodb:BatchGetItem"): "shown",
    ("ListTokensRole", "User", "dynamodb:GetItem"): {"userId", "apiTokens", "erasedAt", "disabledAt"},
    ("DeleteTokenRole", "ApiToken", "dynamodb:DeleteItem"): {"id", "userId"},
    ("DeleteTokenRole", "User", "dynamodb:UpdateItem"): {"userId", "apiTokens"},
    ("AuthorizeTokenRole", "ApiToken", "dynamodb:GetItem"): None,
    ("AuthorizeTokenRole", "ApiToken", "dynamodb:UpdateItem"): {"id", "lastUsedAt"},
    ("DeleteAccountRole", "ApiToken", "dynamodb:DeleteItem"): {"id", "userId"},
    ("DeleteAccountRole", "User", "dynamodb:GetItem"): {"userId", "apiTokens", "erasedAt", "disabledAt"},
    ("DeleteAccountRole", "User", "dynamodb:UpdateItem"): {
        "userId",
        "erasedAt",
        "email",
        "createdAt",
        "totalLinks",
        "totalClicks",
        "apiTokens",
        "disabledAt",
    },
}


def test_each_function_around_tokens_touches_what_it_must(templates: dict[str, Template]) -> None:
    roles = {role for role, _, _ in TOKEN_RIGHTS}
    rights: dict[tuple[str, str, str], Any] = {}
    for statement, table in table_statements(templates):
        if statement.role in roles or table == "ApiToken":
            attributes = statement.conditions.get("ForAllValues:StringEquals", {}).get("dynamodb:Attributes")
            for action in statement.actions:
                rights[statement.role, table, action] = attributes and set(attributes)
    shown = {"id", "userId", "name", "scopes", "createdAt", "expiresAt", "lastUsedAt"}
    assert rights == {key: shown if value == "shown" else value for key, value in TOKEN_RIGHTS.items()}


def test_whoever_lists_tokens_never_reads_a_digest(templates: dict[str, Template]) -> None:
    reading = {"dynamodb:GetItem", "dynamodb:BatchGetItem"}
    for statement, table in table_statements(templates):
        if (
            table == "ApiToken"
            and reading & set(statement.actions)
            and statement.role != "AuthorizeTokenRole"
        ):
            selected = statement.conditions["StringEqualsIfExists"]
            assert selected == {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}, statement


def test_people_are_disabled_and_deleted_by_one_function_alone(templates: dict[str, Template]) -> None:
    managing = [s for s in all_statements(templates) if any(a.startswith("cognito-idp:") for a in s.actions)]
    assert [s.role for s in managing] == ["DeleteAccountRole"]
    assert sorted(managing[0].actions) == [
        "cognito-idp:AdminDeleteUser",
        "cognito-idp:AdminDisableUser",
        "cognito-idp:AdminUserGlobalSignOut",
    ]
    (resource,) = managing[0].resources
    assert ":userpool/" in "".join(strings(resource))
