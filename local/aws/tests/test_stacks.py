"""The resources of the product's templates do what they say, and leave nothing behind."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator import Emulator, unique

SOURCE = """
import json, os, boto3
def handler(event, context):
    print("RIGHTS")
    answers = {}
    table = boto3.client("dynamodb")
    for name, call in {
        "get": lambda: table.get_item(TableName=os.environ["TABLE"], Key={"id": {"S": "a"}}),
        "put": lambda: table.put_item(TableName=os.environ["TABLE"], Item={"id": {"S": "a"}}),
        "whoami": lambda: boto3.client("sts").get_caller_identity()["Arn"],
    }.items():
        try:
            answer = call()
            answers[name] = answer if isinstance(answer, str) else "allowed"
        except Exception as error:
            answers[name] = error.response["Error"]["Code"]
    return answers
"""
ATTRIBUTE = {"AttributeName": "id", "AttributeType": "S"}
MANAGED = "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"


def arn(resource: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [resource, "Arn"]}


def table_resources(name: str) -> dict[str, Any]:
    return {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": name,
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [ATTRIBUTE],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                "SSESpecification": {"SSEEnabled": True},
                "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
                "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
                "DeletionProtectionEnabled": False,
            },
        },
        "TableName": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Name": f"/{name}/table-name", "Type": "String", "Value": {"Ref": "Table"}},
        },
    }


def function_resources(name: str, code: dict[str, str]) -> dict[str, Any]:
    allow = {"Effect": "Allow"}
    trust = {**allow, "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    logs = {**allow, "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": arn("Logs")}
    read = {**allow, "Action": "dynamodb:GetItem", "Resource": arn("Table")}
    stream = {
        **allow,
        "Action": ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"],
        "Resource": {"Fn::GetAtt": ["Table", "StreamArn"]},
    }
    return {
        "Logs": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"LogGroupName": f"/aws/lambda/{name}", "RetentionInDays": 30},
        },
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": f"{name}-role",
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
                "ManagedPolicyArns": [MANAGED],
                "Policies": [
                    {
                        "PolicyName": "rights",
                        "PolicyDocument": {"Version": "2012-10-17", "Statement": [logs, read, stream]},
                    }
                ],
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": name,
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": arn("Role"),
                "Code": code,
                "Timeout": 20,
                "Environment": {"Variables": {"TABLE": {"Ref": "Table"}}},
            },
        },
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "Function"},
                "Action": "lambda:InvokeFunction",
                "Principal": "cognito-idp.amazonaws.com",
            },
        },
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "FunctionName": {"Ref": "Function"},
                "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
                "StartingPosition": "TRIM_HORIZON",
                "FilterCriteria": {"Filters": [{"Pattern": json.dumps({"eventName": ["REMOVE"]})}]},
            },
        },
    }


def queue_resources(name: str) -> dict[str, Any]:
    send = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn("Queue"),
        "Condition": {"ArnEquals": {"aws:SourceArn": arn("Rule")}},
    }
    policy = {"Version": "2012-10-17", "Statement": [send]}
    return {
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": name}},
        "Dlq": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"{name}-dlq"}},
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": name,
                "SqsManagedSseEnabled": True,
                "RedrivePolicy": {"deadLetterTargetArn": arn("Dlq"), "maxReceiveCount": 3},
            },
        },
        "QueuePolicy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": policy},
        },
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Name": name,
                "EventBusName": {"Ref": "Bus"},
                "EventPattern": {"source": ["hopcount.redirect"]},
                "Targets": [{"Id": "q", "Arn": arn("Queue"), "InputPath": "$.detail"}],
            },
        },
    }


def alarm_resources(name: str) -> dict[str, Any]:
    return {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}},
        "Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmName": name,
                "Namespace": "AWS/SQS",
                "MetricName": "ApproximateNumberOfMessagesVisible",
                "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["Dlq", "QueueName"]}}],
                "Statistic": "Maximum",
                "Period": 60,
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "TreatMissingData": "notBreaching",
                "AlarmActions": [{"Ref": "Topic"}],
            },
        },
        "Dashboard": {
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {"DashboardName": name, "DashboardBody": json.dumps({"widgets": []})},
        },
    }


@pytest.fixture(scope="module")
def stack(aws: Emulator) -> dict[str, str]:
    name = unique("hopcount-test")
    resources = {
        **table_resources(name),
        **function_resources(name, {"ZipFile": SOURCE}),
        **queue_resources(name),
        **alarm_resources(name),
    }
    outputs: dict[str, Any] = {"LogsArn": arn("Logs"), "TopicArn": {"Ref": "Topic"}, "RoleArn": arn("Role")}
    return {"Name": name, **aws.deploy(resources, **outputs)}


def test_a_table_has_its_recovery_encryption_expiry_and_stream(aws: Emulator, stack: dict[str, str]) -> None:
    dynamodb, name = aws.client("dynamodb"), stack["Name"]
    table = dynamodb.describe_table(TableName=name)["Table"]
    assert table["SSEDescription"]["Status"] == "ENABLED"
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    parameter = aws.client("ssm").get_parameter(Name=f"/{name}/table-name")
    assert parameter["Parameter"]["Value"] == name


def test_a_log_group_has_the_arn_that_policies_need(aws: Emulator, stack: dict[str, str]) -> None:
    # CloudFormation's Arn of a log group ends in ":*", which covers its streams.
    assert stack["LogsArn"].endswith(f":log-group:/aws/lambda/{stack['Name']}:*")
    groups = aws.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{stack['Name']}")
    assert [group["retentionInDays"] for group in groups["logGroups"]] == [30]


def test_a_function_has_the_rights_of_its_role_and_no_others(aws: Emulator, stack: dict[str, str]) -> None:
    answer = aws.client("lambda").invoke(FunctionName=stack["Name"])
    rights = json.loads(answer["Payload"].read())
    assert rights["get"] == "allowed"
    assert rights["put"] == "AccessDeniedException"
    assert f":assumed-role/{stack['Name']}-role/" in rights["whoami"]
    assert aws.eventually(lambda: aws.printed(stack["Name"], "RIGHTS")) == [""]


def test_a_role_has_both_kinds_of_policy(aws: Emulator, stack: dict[str, str]) -> None:
    iam, role = aws.client("iam"), f"{stack['Name']}-role"
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [MANAGED]
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["rights"]


def test_an_alarm_notifies_its_topic(aws: Emulator, stack: dict[str, str]) -> None:
    alarms = aws.client("cloudwatch").describe_alarms(AlarmNames=[stack["Name"]])["MetricAlarms"]
    assert [alarm["AlarmActions"] for alarm in alarms] == [[stack["TopicArn"]]]
    aws.client("cloudwatch").get_dashboard(DashboardName=stack["Name"])


def test_a_removed_stack_leaves_nothing_behind(aws: Emulator, stack: dict[str, str]) -> None:
    name = stack["Name"]
    aws.client("lambda").invoke(FunctionName=name)
    aws.remove(stack["StackName"])
    assert name not in aws.client("dynamodb").list_tables()["TableNames"]
    groups = aws.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")
    assert groups["logGroups"] == []
    roles = aws.client("iam").list_roles()["Roles"]
    assert [role for role in roles if name in role["RoleName"]] == []
    mappings = aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert [mapping for mapping in mappings if name in mapping["FunctionArn"]] == []
    calls: tuple[Callable[[], Any], ...] = (
        lambda: aws.client("lambda").get_function(FunctionName=name),
        lambda: aws.client("lambda").get_policy(FunctionName=name),
        lambda: aws.client("ssm").get_parameter(Name=f"/{name}/table-name"),
        lambda: aws.client("sqs").get_queue_url(QueueName=name),
        lambda: aws.client("sqs").get_queue_url(QueueName=f"{name}-dlq"),
        lambda: aws.client("events").describe_event_bus(Name=name),
        lambda: aws.client("sns").get_topic_attributes(TopicArn=stack["TopicArn"]),
        lambda: aws.client("cloudwatch").get_dashboard(DashboardName=name),
    )
    for call in calls:
        with pytest.raises(ClientError):
            call()
    assert aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"] == []
