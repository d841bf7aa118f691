"""What the redirect's parameters make of its template: nothing more than is asked for."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.infra.test_counting import alarms_of, dashboard, written_out
from tests.infra.test_resources import referenced
from tests.support.stack import ROOT, STAGE, Stack
from tests.support.templates import Template, serverless, strings

NETWORK = ("AWS::DAX::", "AWS::EC2::")


@pytest.fixture
def redirect(templates: dict[str, Template]) -> Template:
    return templates["redirect"]


def compile_with(stack: Stack, folder: Path, *parameters: str) -> Template:
    """Compile the template for the running stage with some parameters of one's own."""
    flags = [flag for parameter in parameters for flag in ("--param", parameter)]
    serverless(stack, "redirect", "package", "--stage", STAGE, "--package", str(folder), *flags)
    path = folder / "cloudformation-template-update-stack.json"
    return Template("redirect", path, json.loads(path.read_text()))


@pytest.fixture(scope="module")
def provisioned(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Template:
    return compile_with(stack, tmp_path_factory.mktemp("provisioned"), "provisionedConcurrency=3")


@pytest.fixture(scope="module")
def with_dax(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Template:
    return compile_with(stack, tmp_path_factory.mktemp("dax"), "linkReader=dax", "daxSeconds=7")


def function(template: Template) -> Mapping[str, Any]:
    return template.resources("AWS::Lambda::Function")["RedirectLambdaFunction"]


def environment(template: Template) -> Mapping[str, Any]:
    variables: Mapping[str, Any] = function(template)["Environment"]["Variables"]
    return variables


def of_role(template: Template, *roles: str) -> list[Mapping[str, Any]]:
    return [statement.raw for statement in template.statements() if statement.role in roles]


def test_by_default_it_is_one_function_on_arm_outside_of_any_network(redirect: Template) -> None:
    kinds = {resource["Type"] for resource in redirect.body["Resources"].values()}
    assert not any(kind.startswith(NETWORK) for kind in kinds)
    assert not kinds & {"AWS::Lambda::Version", "AWS::Lambda::Alias"}
    assert function(redirect)["Architectures"] == ["arm64"]
    assert function(redirect)["TracingConfig"] == {"Mode": "Active"}
    assert "VpcConfig" not in function(redirect)


def test_what_it_is_told_by_default(redirect: Template) -> None:
    variables = environment(redirect)
    assert {name: variables[name] for name in variables if not name.endswith(("_NAME", "_URL"))} == {
        "STAGE": "template-check",
        "CLICK_TRANSPORT": "bus",
        "CACHE_SECONDS": "10",
        "STALE_SECONDS": "3600",
        "LINK_READER": "dynamodb",
    }
    assert {"TABLE_NAME", "EVENT_BUS_NAME", "CLICK_QUEUE_URL"} <= set(variables)


def test_it_may_send_to_the_click_queue_and_no_other(redirect: Template) -> None:
    (sending,) = (s for s in of_role(redirect, "RedirectRole") if "sqs:SendMessage" in strings(s["Action"]))
    assert sending["Action"] == "sqs:SendMessage"
    assert sending["Resource"].split(":")[-1] == environment(redirect)["CLICK_QUEUE_URL"].rsplit("/", 1)[1]
    assert sending["Resource"].endswith("-clicks")


def test_provisioned_concurrency_puts_an_alias_before_the_function(provisioned: Template) -> None:
    (version,) = provisioned.resources("AWS::Lambda::Version")
    (alias,) = provisioned.resources("AWS::Lambda::Alias").values()
    assert alias["ProvisionedConcurrencyConfig"] == {"ProvisionedConcurrentExecutions": 3}
    assert alias["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}
    assert alias["FunctionName"] == {"Ref": "RedirectLambdaFunction"}

    arn = {"Fn::Join": [":", [{"Fn::GetAtt": ["RedirectLambdaFunction", "Arn"]}, alias["Name"]]]}
    integration = provisioned.resources("AWS::ApiGatewayV2::Integration")["HttpApiIntegrationRedirect"]
    assert integration["IntegrationUri"] == arn, "the API must call what is kept started"
    permission = provisioned.resources("AWS::Lambda::Permission")["RedirectLambdaPermissionHttpApi"]
    assert permission["FunctionName"] == arn, "and may call nothing else"
    assert permission["SourceArn"]


def test_provisioned_concurrency_changes_nothing_else(
    provisioned: Template, stack: Stack, tmp_path: Path
) -> None:
    none = compile_with(stack, tmp_path, "provisionedConcurrency=0")
    added = set(provisioned.body["Resources"]) - set(none.body["Resources"])
    kinds = sorted(provisioned.body["Resources"][name]["Type"] for name in added)
    assert kinds == ["AWS::Lambda::Alias", "AWS::Lambda::Version"]
    assert set(none.body["Resources"]) < set(provisioned.body["Resources"])
    # CloudWatch keeps a function's metrics and log without regard to the alias it is called by.
    for kind in ("AWS::CloudWatch::Alarm", "AWS::Logs::MetricFilter", "AWS::IAM::Role"):
        assert provisioned.resources(kind) == none.resources(kind), kind


def test_dax_is_a_cluster_encrypted_at_rest_and_on_the_way(with_dax: Template) -> None:
    (cluster,) = with_dax.resources("AWS::DAX::Cluster").values()
    assert cluster["SSESpecification"] == {"SSEEnabled": True}
    assert cluster["ClusterEndpointEncryptionType"] == "TLS"
    assert int(cluster["ReplicationFactor"]) >= 3
    (parameters,) = with_dax.resources("AWS::DAX::ParameterGroup").values()
    assert parameters["ParameterNameValues"] == {"record-ttl-millis": "7000", "query-ttl-millis": "7000"}
    variables = environment(with_dax)
    assert variables["LINK_READER"] == "dax"
    assert variables["DAX_ENDPOINT"] == {"Fn::GetAtt": ["LinkCache", "ClusterDiscoveryEndpointURL"]}


def test_a_function_with_dax_reaches_the_cluster_and_the_three_services_it_calls(with_dax: Template) -> None:
    subnets = [{"Ref": name} for name in with_dax.resources("AWS::EC2::Subnet")]
    assert len(subnets) >= 2
    assert function(with_dax)["VpcConfig"] == {
        "SecurityGroupIds": [{"Ref": "RedirectSecurityGroup"}],
        "SubnetIds": subnets,
    }
    endpoints = with_dax.resources("AWS::EC2::VPCEndpoint").values()
    called = {re.sub(r".*\.", "", e["ServiceName"]["Fn::Sub"]): e for e in endpoints}
    assert set(called) == {"dynamodb", "events", "sqs"}
    assert called["dynamodb"]["VpcEndpointType"] == "Gateway"
    for name in ("events", "sqs"):
        assert called[name]["VpcEndpointType"] == "Interface"
        assert called[name]["PrivateDnsEnabled"] is True, "the function knows the public name alone"
        assert called[name]["SubnetIds"] == subnets
    for name, endpoint in called.items():
        (statement,) = endpoint["PolicyDocument"]["Statement"]
        assert "*" not in strings(statement["Action"]), name
        assert "*" not in strings(statement["Resource"]), name
        assert statement["Condition"]["ArnEquals"]["aws:PrincipalArn"], name


def test_the_network_of_dax_has_no_way_out(with_dax: Template) -> None:
    kinds = {resource["Type"] for resource in with_dax.body["Resources"].values()}
    for way_out in (
        "InternetGateway",
        "NatGateway",
        "Route",
        "VPCPeeringConnection",
        "TransitGatewayAttachment",
    ):
        assert f"AWS::EC2::{way_out}" not in kinds


def test_only_the_function_reaches_the_cluster_and_encrypted_only(with_dax: Template) -> None:
    groups = with_dax.resources("AWS::EC2::SecurityGroup")
    by_function = {"Fn::GetAtt": ["RedirectSecurityGroup", "GroupId"]}
    for name, port in (("LinkCacheSecurityGroup", 9111), ("EndpointSecurityGroup", 443)):
        (rule,) = groups[name]["SecurityGroupIngress"]
        assert rule["SourceSecurityGroupId"] in (by_function, {"Ref": "RedirectSecurityGroup"}), name
        assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", port, port), name
    assert "SecurityGroupIngress" not in groups["RedirectSecurityGroup"]
    (egress,) = with_dax.resources("AWS::EC2::SecurityGroupEgress").values()
    assert (egress["FromPort"], egress["ToPort"]) == (9111, 9111)
    assert [rule["ToPort"] for rule in groups["RedirectSecurityGroup"]["SecurityGroupEgress"]] == [443]


def test_the_cluster_reads_the_links_and_no_more(with_dax: Template) -> None:
    role = with_dax.resources("AWS::IAM::Role")["LinkCacheRole"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "dax.amazonaws.com"}
    (statement,) = of_role(with_dax, "LinkCacheRole")
    assert statement["Action"] == ["dynamodb:GetItem", "dynamodb:DescribeTable"]
    assert statement["Resource"].endswith("-UrlShortener")


def test_the_function_may_ask_the_cluster_and_lambda_alone_make_its_interfaces(with_dax: Template) -> None:
    asking, placing, forbidden = of_role(with_dax, "ReadThroughDaxPolicy")
    assert asking["Action"] == "dax:GetItem"
    assert referenced(asking["Resource"]) == {"LinkCache"}
    assert all(action.startswith("ec2:") for action in placing["Action"])
    assert (forbidden["Effect"], forbidden["Action"]) == ("Deny", placing["Action"])
    (denied,) = forbidden["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"]
    assert denied["Fn::Sub"].endswith(f":function:{function(with_dax)['FunctionName']}")
    made = with_dax.body["Resources"]["RedirectLambdaFunction"]
    assert "ReadThroughDaxPolicy" in made["DependsOn"], "Lambda needs the rights while it makes the function"


def test_dax_leaves_the_rest_as_it_is(with_dax: Template, stack: Stack, tmp_path: Path) -> None:
    usual = compile_with(stack, tmp_path)
    changed = {
        name
        for name, resource in usual.body["Resources"].items()
        if with_dax.body["Resources"][name] != resource
    }
    # The functions, for their package's name, and for how long a reader of links remembers them.
    functions = {"RedirectLambdaFunction", "CheckHealthLambdaFunction"}
    assert changed == {*functions, "ReaderCacheSecondsParameter"}


def test_an_unknown_reader_is_refused(stack: Stack, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"custom\.reader"):
        compile_with(stack, tmp_path, "linkReader=redis")


def test_cfn_lint_finds_no_error_in_what_is_off_by_default(provisioned: Template, with_dax: Template) -> None:
    cfn_lint = Path(sys.executable).with_name("cfn-lint")
    command = [cfn_lint, "--ignore-checks", "W3005", "--", provisioned.path, with_dax.path]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_dashboard_shows_every_alarm_and_what_it_watches(redirect: Template) -> None:
    (overview,) = (w for w in dashboard(redirect)["widgets"] if w["type"] == "alarm")
    alarms = redirect.resources("AWS::CloudWatch::Alarm")
    assert sorted(overview["properties"]["alarms"]) == sorted(f"{name}.Arn" for name in alarms)
    assert {(alarm["Namespace"], alarm["MetricName"]) for alarm in alarms.values()} <= {
        (namespace, name) for namespace, name, *_ in shown(redirect)
    }


def shown(template: Template) -> list[list[str]]:
    """Return the metrics on the dashboard, but for those that are worked out of others."""
    widgets = [w["properties"] for w in dashboard(template)["widgets"] if w["type"] == "metric"]
    return [
        metric
        for widget in widgets
        for metric in written_out([m for m in widget["metrics"] if isinstance(m[0], str)])
    ]


def test_what_is_watched_is_what_the_function_emits(redirect: Template) -> None:
    """A metric that nobody emits never rings."""
    code = (ROOT / "services" / "redirect" / "redirect" / "metrics.py").read_text()
    filters = {
        transformation["MetricName"]: found["FilterPattern"]
        for found in redirect.resources("AWS::Logs::MetricFilter").values()
        for transformation in found["MetricTransformations"]
    }
    for metric in shown(redirect):
        if metric[0] == "Hopcount" and metric[1] not in filters:
            assert metric[2:] == ["Service", "redirect", "Stage", "template-check"], metric
            assert all(re.search(rf"\b{word}\b", code) for word in (metric[1], "Service", "Stage")), metric
    stale = alarms_of(redirect)["redirect-stale-answers"]
    assert [(d["Name"], d["Value"]) for d in stale["Dimensions"]] == [
        ("Service", "redirect"),
        ("Stage", "template-check"),
    ]


def test_the_log_lines_that_ring_are_those_that_are_written(redirect: Template) -> None:
    code = "".join(path.read_text() for path in (ROOT / "services/redirect/redirect").rglob("*.py"))
    patterns = [f["FilterPattern"] for f in redirect.resources("AWS::Logs::MetricFilter").values()]
    lines = {line for pattern in patterns for line in re.findall(r'\$\.message = "([^"]+)"', pattern)}
    assert lines == {"click not published", "click sent to the queue"}
    for line in lines:  # the code has the transport's name, the last word, apart
        assert f'"{line.rpartition(" ")[0]} ' in code, line
