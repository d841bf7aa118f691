"""What a deployment to AWS gets: durable tables, queues that lose nothing, logs that end, loud alarms."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.templates import SERVICES, Template, strings
from web.domain.usage import ERROR_KINDS, NAMES, SCREENS


def test_cfn_lint_finds_no_error(templates: dict[str, Template]) -> None:
    cfn_lint = Path(sys.executable).with_name("cfn-lint")
    # W3005: the CLI itself writes DependsOn beside a reference. W8003: a condition on a parameter that the
    # CLI has already resolved is constant, and may be.
    paths = [templates[name].path for name in SERVICES]
    command = [cfn_lint, "--ignore-checks", "W3005", "W8003", "--", *paths]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_table_is_on_demand_recoverable_encrypted_and_protected(templates: dict[str, Template]) -> None:
    tables = {
        name: properties
        for template in templates.values()
        for name, properties in template.resources("AWS::DynamoDB::Table").items()
    }
    assert len(tables) == 7
    for name, table in tables.items():
        assert table["BillingMode"] == "PAY_PER_REQUEST", name
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True, name
        assert table["SSESpecification"]["SSEEnabled"] is True, name
        assert table["DeletionProtectionEnabled"] is True, name


def test_the_history_index_projects_keys_alone(templates: dict[str, Template]) -> None:
    tables = templates["links"].resources("AWS::DynamoDB::Table").values()
    indexes = [index for table in tables for index in table.get("GlobalSecondaryIndexes", [])]
    assert [(i["IndexName"], i["Projection"]["ProjectionType"]) for i in indexes] == [
        ("UserHistoryIndex", "KEYS_ONLY")
    ]


def queue_names_that_are_dead_letter(template: Template) -> set[str]:
    """Return the logical ids of queues that a queue, a rule's target or a mapping sends its failures to."""
    targets: set[str] = set()
    for queue in template.resources("AWS::SQS::Queue").values():
        targets |= referenced(queue.get("RedrivePolicy", {}).get("deadLetterTargetArn"))
    for rule in template.resources("AWS::Events::Rule").values():
        for target in rule["Targets"]:
            targets |= referenced(target.get("DeadLetterConfig", {}).get("Arn"))
    for mapping in template.resources("AWS::Lambda::EventSourceMapping").values():
        destination = mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        targets |= referenced(destination)
    return targets


def referenced(node: Any) -> set[str]:
    return {node["Fn::GetAtt"][0]} if isinstance(node, dict) and "Fn::GetAtt" in node else set()


CARRIES_NOTHING = {"FoldQueue"}
"""The one queue whose messages may be lost: they only wake somebody whom a schedule wakes as well."""


def test_every_queue_has_a_dead_letter_queue_or_is_one(templates: dict[str, Template]) -> None:
    for template in templates.values():
        dead_letter = queue_names_that_are_dead_letter(template)
        for name, queue in template.resources("AWS::SQS::Queue").items():
            if name not in CARRIES_NOTHING:
                assert "RedrivePolicy" in queue or name in dead_letter, f"{template.service}/{name}"
            assert queue["SqsManagedSseEnabled"] is True, f"{template.service}/{name}"
            if name in dead_letter:
                assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600, f"{template.service}/{name}"


def test_an_operator_can_find_every_queue(templates: dict[str, Template]) -> None:
    """`hopcount ops status` tells of each queue whose export ends in these words."""
    for template in templates.values():
        parameters = template.resources("AWS::SSM::Parameter").values()
        named = [p for p in parameters if isinstance(p["Value"], dict) and "Ref" in p["Value"]]
        names = {parameter["Value"]["Ref"]: parameter["Name"] for parameter in named}
        dead_letter = queue_names_that_are_dead_letter(template)
        for queue in template.resources("AWS::SQS::Queue"):
            ending = "-dlq-url" if queue in dead_letter else "-queue-url"
            assert names.get(queue, "").endswith(ending), f"{template.service}/{queue}"


def event_rules(template: Template) -> dict[str, Any]:
    """Return the rules that pass events on; a schedule passes nothing."""
    rules = template.resources("AWS::Events::Rule").items()
    return {name: rule for name, rule in rules if "ScheduleExpression" not in rule}


def test_every_rule_target_has_a_dead_letter_queue_and_gets_the_detail_alone(
    templates: dict[str, Template],
) -> None:
    rules = [(name, rule) for template in templates.values() for name, rule in event_rules(template).items()]
    assert {name for name, _ in rules} == {
        "ClickRule",
        "ErasureRule",
        "LinkEventsRule",
        "UserDeletedRule",
        "UsageRule",
    }
    for name, rule in rules:
        for target in rule["Targets"]:
            assert target["DeadLetterConfig"]["Arn"], name
            assert target["InputPath"] == "$.detail", name


def test_every_queue_policy_pins_its_source(templates: dict[str, Template]) -> None:
    for template in templates.values():
        covered: set[str] = set()
        for name, policy in template.resources("AWS::SQS::QueuePolicy").items():
            covered |= {queue["Ref"] for queue in policy["Queues"]}
            for statement in policy["PolicyDocument"]["Statement"]:
                if statement["Effect"] == "Deny":
                    continue
                source = statement["Condition"]["ArnEquals"]["aws:SourceArn"]
                assert source, name
                assert not any("*" in text for text in strings(source)), name
                assert statement["Action"] == "sqs:SendMessage", name
        fed_by_rules = {
            queue
            for rule in event_rules(template).values()
            for target in rule["Targets"]
            for queue in referenced(target["Arn"]) | referenced(target["DeadLetterConfig"]["Arn"])
        }
        assert fed_by_rules == covered, template.service


def test_a_queue_takes_messages_of_the_rules_that_feed_it_alone(templates: dict[str, Template]) -> None:
    for template in templates.values():
        feeds: dict[str, set[str]] = {}
        for name, rule in event_rules(template).items():
            for target in rule["Targets"]:
                for queue in referenced(target["Arn"]) | referenced(target["DeadLetterConfig"]["Arn"]):
                    feeds.setdefault(queue, set()).add(name)
        for policy in template.resources("AWS::SQS::QueuePolicy").values():
            (queue,) = (queue["Ref"] for queue in policy["Queues"])
            (statement,) = policy["PolicyDocument"]["Statement"]
            pinned = statement["Condition"]["ArnEquals"]["aws:SourceArn"]
            rules = set().union(*map(referenced, pinned if isinstance(pinned, list) else [pinned]))
            assert rules == feeds[queue], f"{template.service}/{queue}"
            assert referenced(statement["Resource"]) == {queue}, f"{template.service}/{queue}"


def test_a_message_outlives_its_consumers_timeout_six_times(templates: dict[str, Template]) -> None:
    for template in templates.values():
        queues = template.resources("AWS::SQS::Queue")
        functions = template.resources("AWS::Lambda::Function")
        for mapping in template.resources("AWS::Lambda::EventSourceMapping").values():
            (source,) = referenced(mapping["EventSourceArn"])
            if source not in queues:
                continue
            (function,) = referenced(mapping["FunctionName"]) or {mapping["FunctionName"]["Ref"]}
            needed = 6 * functions[function]["Timeout"] + mapping.get("MaximumBatchingWindowInSeconds", 0)
            visibility = queues[source]["VisibilityTimeout"]
            assert visibility >= needed, source
            assert queues[source]["MessageRetentionPeriod"] > visibility, source
            if source in CARRIES_NOTHING:
                continue
            assert queues[source]["RedrivePolicy"]["maxReceiveCount"] >= 10, source
            assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"], source


def test_a_count_never_invokes_the_outbox(templates: dict[str, Template]) -> None:
    mappings = templates["links"].resources("AWS::Lambda::EventSourceMapping").values()
    (mapping,) = (mapping for mapping in mappings if "StartingPosition" in mapping)
    patterns = [json.loads(f["Pattern"]) for f in mapping["FilterCriteria"]["Filters"]]
    for pattern in patterns:
        changes = pattern["dynamodb"]["NewImage"]["change"]["S"]
        assert set(changes) == {"created", "updated", "deleted", "restored", "erased"}


def test_every_log_group_ends(templates: dict[str, Template]) -> None:
    for template in templates.values():
        groups = template.resources("AWS::Logs::LogGroup")
        assert len(groups) >= len(template.resources("AWS::Lambda::Function"))
        for name, group in groups.items():
            assert group["RetentionInDays"] <= 30, name


def test_every_dead_letter_queue_rings(templates: dict[str, Template]) -> None:
    for template in templates.values():
        watched = {
            dimension["Value"]["Fn::GetAtt"][0]
            for alarm in template.resources("AWS::CloudWatch::Alarm").values()
            if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
            for dimension in alarm["Dimensions"]
        }
        assert queue_names_that_are_dead_letter(template) <= watched, template.service


def test_cors_is_never_open_to_all(templates: dict[str, Template]) -> None:
    (api,) = templates["platform"].resources("AWS::ApiGatewayV2::Api").values()
    assert not any("*" in text for text in strings(api["CorsConfiguration"]))
    # Without a configured origin there is no CORS at all.
    assert templates["platform"].body["Conditions"]["AnswersOtherOrigins"] == {
        "Fn::Not": [{"Fn::Equals": ["none", "none"]}]
    }


def test_nobody_signs_up_uninvited_by_default(templates: dict[str, Template]) -> None:
    condition = templates["platform"].body["Conditions"]["InvitationOnly"]
    assert condition == {"Fn::Equals": ["invitation", "invitation"]}


def test_the_password_flow_is_not_offered_by_default(templates: dict[str, Template]) -> None:
    (client,) = templates["platform"].resources("AWS::Cognito::UserPoolClient").values()
    assert sorted(client["ExplicitAuthFlows"]) == ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
    assert client["GenerateSecret"] is False


def test_access_logs_hold_no_address_and_no_token(templates: dict[str, Template]) -> None:
    (stage,) = templates["platform"].resources("AWS::ApiGatewayV2::Stage").values()
    log_format = stage["AccessLogSettings"]["Format"].lower()
    assert json.loads(log_format)
    for word in ("sourceip", "authorization", "useragent", "$context.path", "claims"):
        assert word not in log_format, word


def routes(templates: dict[str, Template]) -> dict[str, str]:
    """Return how each route of every service checks who is calling, by its key."""
    return {
        route["RouteKey"]: route.get("AuthorizationType", "NONE")
        for template in templates.values()
        for route in template.resources("AWS::ApiGatewayV2::Route").values()
    }


def test_public_routes_are_those_meant_to_be(templates: dict[str, Template]) -> None:
    public = {key for key, kind in routes(templates).items() if kind == "NONE"}
    assert public == {
        "GET /{id}",
        "HEAD /{id}",
        "GET /health",
        "HEAD /health",
        "GET /openapi.json",
        "GET /docs",
        "GET /docs/assets/{file}",
        "GET /.well-known/hopcount.json",
        "GET /figures",
        "POST /events",
    }


def test_what_anybody_may_send_has_a_limit_of_its_own(templates: dict[str, Template]) -> None:
    """And the stage waits for the route: AWS refuses settings of one that is not there."""
    platform = templates["platform"]
    ((stage_id, stage),) = platform.resources("AWS::ApiGatewayV2::Stage").items()
    limit = stage["RouteSettings"]["POST /events"]
    assert 0 < limit["ThrottlingRateLimit"] <= 10
    assert 0 < limit["ThrottlingBurstLimit"] <= 100
    assert limit["DetailedMetricsEnabled"] is True
    ((route_id, route),) = platform.resources("AWS::ApiGatewayV2::Route").items()
    assert route["RouteKey"] == "POST /events"
    assert platform.body["Resources"][stage_id]["DependsOn"] in (route_id, [route_id])


def test_the_platforms_route_leads_to_the_function_that_lets_it_in(templates: dict[str, Template]) -> None:
    (integration,) = templates["platform"].resources("AWS::ApiGatewayV2::Integration").values()
    name = "".join(strings(integration["IntegrationUri"])).rpartition(":function:")[2]
    web = templates["web"]
    functions = web.resources("AWS::Lambda::Function")
    (function,) = (logical_id for logical_id, f in functions.items() if f["FunctionName"] == name)
    (source,) = (
        "".join(strings(permission["SourceArn"]))
        for permission in web.resources("AWS::Lambda::Permission").values()
        if referenced(permission["FunctionName"]) == {function}
    )
    assert source.endswith("/*/POST/events")


def test_the_archive_keeps_nothing_of_how_the_app_is_used(templates: dict[str, Template]) -> None:
    (archive,) = templates["platform"].resources("AWS::Events::Archive").values()
    publishing = {"hopcount.links", "hopcount.redirect", "hopcount.users"}
    assert set(archive["EventPattern"]["source"]) == publishing


CLOSED = {
    "ScreenShown": ("screen", SCREENS),
    "ActionTried": ("name", NAMES - {"screen", "error"}),
    "AppError": ("kind", ERROR_KINDS),
    "AppMilliseconds": ("name", NAMES - {"error"}),
}
"""What metrics of usage there are: the dimension that tells them apart, and its values."""


def test_the_dashboard_of_usage_shows_every_metric_of_it(templates: dict[str, Template]) -> None:
    (dashboard,) = templates["web"].resources("AWS::CloudWatch::Dashboard").values()
    shown: dict[str, set[str]] = {}
    for widget in json.loads(dashboard["DashboardBody"]["Fn::Sub"])["widgets"]:
        rows = widget["properties"].get("metrics", [])
        if rows and rows[0][1] in CLOSED:
            dimension = rows[0].index(CLOSED[rows[0][1]][0])
            kept = len([part for part in rows[0] if isinstance(part, str)])
            for row in rows:
                words = [part for part in row if isinstance(part, str)]
                full = rows[0][: kept - len(words) + 1] + words[1:] if words[0] == "..." else words
                value = full[dimension + 1]
                shown.setdefault(rows[0][1], set()).add(value)
    assert shown == {metric: set(values) for metric, (_, values) in CLOSED.items()}


def test_api_tokens_are_taken_behind_v1_and_nowhere_else(templates: dict[str, Template]) -> None:
    for key, kind in routes(templates).items():
        assert (kind == "CUSTOM") == key.split()[1].startswith("/v1/"), key


def test_no_answer_of_the_token_authorizer_is_cached_by_the_gateway(templates: dict[str, Template]) -> None:
    authorizers = templates["platform"].resources("AWS::ApiGatewayV2::Authorizer").values()
    (authorizer,) = (a for a in authorizers if a["AuthorizerType"] == "REQUEST")
    assert authorizer["AuthorizerResultTtlInSeconds"] == 0
    assert "IdentitySource" not in authorizer  # a token may come in either of two headers
    assert (authorizer["EnableSimpleResponses"], authorizer["AuthorizerPayloadFormatVersion"]) == (
        True,
        "2.0",
    )


def test_a_revoked_token_is_remembered_for_less_than_a_minute(templates: dict[str, Template]) -> None:
    (environment,) = (
        function["Environment"]["Variables"]
        for function in templates["users"].resources("AWS::Lambda::Function").values()
        if function["FunctionName"].endswith("-authorize-token")
    )
    assert 0 < int(environment["REMEMBER_TOKEN_SECONDS"]) <= 50
