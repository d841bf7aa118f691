"""What was written survives ``kill -9``: everything, once, and no half of anything."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.behaviours.cognito_triggers import PASSWORD, mailed_code
from tests.behaviours.eventbridge_queue_delivery import policy
from tests.emulator import Emulator, unique

QUIET_SECONDS = 3.0
OUTBOX = """
def handler(event, context):
    if not event["Records"][0]["eventSourceARN"].endswith("stop"):
        print("RECORDS", " ".join(r["dynamodb"]["Keys"]["id"]["S"] for r in event["Records"]))
"""
ECHO = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'hello'}\n"
READ_STREAM = {
    "Action": ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"],
    "Resource": "arn:aws:dynamodb:us-east-1:000000000000:table/*",
}


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    started = Emulator(tmp_path / "state").start()
    yield started
    started.kill()


def wait_until_saved(emulator: Emulator) -> None:
    """Wait for two snapshots: the first may have begun before now, the second did not."""
    start = emulator.log_file.stat().st_size

    def twice() -> bool:
        return emulator.log_file.read_bytes()[start:].count(b"[local-aws] Snapshot:") >= 2

    emulator.eventually(twice)


def killed_and_restarted(emulator: Emulator) -> Emulator:
    """Kill the emulator once it has saved, and start it on what is left."""
    wait_until_saved(emulator)
    emulator.kill()
    return emulator.start()


def test_every_service_comes_back(emulator: Emulator) -> None:
    before = Everything(emulator)
    before.create()
    killed_and_restarted(emulator)
    before.check()
    killed_and_restarted(emulator)
    before.check_again()


class Everything:
    """One thing of every kind that the product keeps in AWS."""

    def __init__(self, aws: Emulator) -> None:
        self.aws = aws

    def create(self) -> None:
        """Make them all."""
        aws = self.aws
        self.table = aws.table(stream=True)
        for number in range(50):
            aws.client("dynamodb").put_item(TableName=self.table, Item={"id": {"S": str(number)}})
        self.function = aws.function(ECHO)
        self.create_messages()
        self.create_user()
        self.create_bus()
        self.create_stack()
        aws.client("ssm").put_parameter(Name="/hopcount/local/x", Value="42", Type="String")
        aws.client("s3").create_bucket(Bucket="artifacts")
        aws.client("s3").put_object(Bucket="artifacts", Key="site/index.html", Body=b"<html>")
        self.role = aws.role({"Action": "sqs:SendMessage", "Resource": self.queue_arn})

    def create_messages(self) -> None:
        """Leave one message waiting and one in flight."""
        self.queue, self.queue_arn = self.aws.queue(VisibilityTimeout="2")
        sqs = self.aws.client("sqs")
        for body in ("in flight", "waiting"):
            sqs.send_message(QueueUrl=self.queue, MessageBody=body)
        taken = sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=1)["Messages"]
        assert [message["Body"] for message in taken] == ["in flight"]

    def create_user(self) -> None:
        """Leave one user confirmed, and one with a code in the mail."""
        cognito = self.aws.client("cognito-idp")
        self.pool = cognito.create_user_pool(
            PoolName=unique("pool"), UsernameAttributes=["email"], AutoVerifiedAttributes=["email"]
        )["UserPool"]["Id"]
        flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        self.client = cognito.create_user_pool_client(
            UserPoolId=self.pool, ClientName="web", ExplicitAuthFlows=flows
        )["UserPoolClient"]["ClientId"]
        for email in ("ada@example.com", "grace@example.com"):
            attributes = [{"Name": "email", "Value": email}]
            cognito.sign_up(
                ClientId=self.client, Username=email, Password=PASSWORD, UserAttributes=attributes
            )
        self.confirm("ada@example.com")

    def confirm(self, email: str) -> None:
        """Confirm with the code from the mail."""
        code = mailed_code(self.aws, email)
        self.aws.client("cognito-idp").confirm_sign_up(
            ClientId=self.client, Username=email, ConfirmationCode=code
        )

    def create_bus(self) -> None:
        """Make a bus with a rule, a target and an archive that holds one event."""
        events, self.bus = self.aws.client("events"), unique("bus")
        arn = events.create_event_bus(Name=self.bus)["EventBusArn"]
        events.create_archive(ArchiveName=self.bus, EventSourceArn=arn)
        pattern = json.dumps({"source": ["hopcount.redirect"]})
        rule = events.put_rule(Name=self.bus, EventBusName=self.bus, EventPattern=pattern)["RuleArn"]
        self.events_queue, queue_arn = self.aws.queue()
        self.aws.client("sqs").set_queue_attributes(
            QueueUrl=self.events_queue, Attributes={"Policy": policy(queue_arn, rule)}
        )
        target = {"Id": "q", "Arn": queue_arn}
        events.put_targets(Rule=self.bus, EventBusName=self.bus, Targets=[target])
        self.publish()

    def publish(self) -> None:
        """Put one event on the bus."""
        click = {"Source": "hopcount.redirect", "DetailType": "LinkClicked.v1", "Detail": "{}"}
        self.aws.client("events").put_events(Entries=[{"EventBusName": self.bus, **click}])

    def create_stack(self) -> None:
        """Deploy an API with a route to the function, behind the pool's tokens."""
        issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{self.pool}"
        api = {"ApiId": {"Ref": "Api"}}
        uri = self.aws.function_arn(self.function)
        resources = {
            "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "api", "ProtocolType": "HTTP"}},
            "Stage": {
                "Type": "AWS::ApiGatewayV2::Stage",
                "Properties": {**api, "StageName": "$default", "AutoDeploy": True},
            },
            "Call": {
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {
                    **api,
                    "IntegrationType": "AWS_PROXY",
                    "IntegrationUri": uri,
                    "PayloadFormatVersion": "2.0",
                },
            },
            "Jwt": {
                "Type": "AWS::ApiGatewayV2::Authorizer",
                "Properties": {
                    **api,
                    "Name": "jwt",
                    "AuthorizerType": "JWT",
                    "IdentitySource": ["$request.header.Authorization"],
                    "JwtConfiguration": {"Audience": [self.client], "Issuer": issuer},
                },
            },
            "Route": {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    **api,
                    "RouteKey": "GET /hello",
                    "AuthorizationType": "JWT",
                    "AuthorizerId": {"Ref": "Jwt"},
                    "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "Call"}]]},
                },
            },
        }
        stack = self.aws.deploy(resources, ApiId={"Ref": "Api"})
        self.stack, self.api = stack["StackName"], stack["ApiId"]
        self.aws.client("lambda").add_permission(
            FunctionName=self.function,
            StatementId="api",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
        )
        self.token = self.sign_in("ada@example.com")
        assert self.call() == 200

    def sign_in(self, email: str) -> str:
        """Return an access token."""
        answer = self.aws.client("cognito-idp").initiate_auth(
            ClientId=self.client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
        )
        token: str = answer["AuthenticationResult"]["AccessToken"]
        return token

    def call(self) -> int:
        """Call the API with the token from before; return the status."""
        path = f"/_aws/execute-api/{self.api}/$default/hello"
        return self.aws.http("GET", path, {"Authorization": f"Bearer {self.token}"})[0]

    def check(self) -> None:
        """Find everything as it was left."""
        aws = self.aws
        assert aws.client("dynamodb").scan(TableName=self.table, Select="COUNT")["Count"] == 50
        assert self.call() == 200
        self.confirm("grace@example.com")
        assert self.sign_in("grace@example.com")
        assert aws.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"]
        assert aws.client("ssm").get_parameter(Name="/hopcount/local/x")["Parameter"]["Value"] == "42"
        found = aws.client("s3").get_object(Bucket="artifacts", Key="site/index.html")["Body"].read()
        assert found == b"<html>"
        bodies: list[str] = []

        def both() -> bool:
            bodies.extend(message["Body"] for message in aws.received(self.queue))
            return set(bodies) == {"in flight", "waiting"}

        aws.eventually(both)
        self.check_bus()
        sender = aws.client("sqs", aws.session(self.role))
        sender.send_message(QueueUrl=self.queue, MessageBody="by the role")
        with pytest.raises(ClientError, match="AccessDenied"):
            sender.purge_queue(QueueUrl=self.queue)

    def check_bus(self) -> None:
        """Find the event archived and delivered, and the rule at work."""
        archive = self.aws.client("events").describe_archive(ArchiveName=self.bus)
        assert archive["EventCount"] == 1
        assert len(self.aws.received(self.events_queue)) == 1
        self.publish()
        assert len(self.aws.eventually(lambda: self.aws.received(self.events_queue))) == 1

    def check_again(self) -> None:
        """Find what the second life of the emulator wrote."""
        archive = self.aws.client("events").describe_archive(ArchiveName=self.bus)
        assert archive["EventCount"] == 2
        assert self.call() == 200


def test_changes_not_yet_delivered_are_delivered_after_the_kill_and_old_ones_are_not(
    emulator: Emulator,
) -> None:
    table, dynamodb = emulator.table(stream=True), emulator.client("dynamodb")
    name = emulator.function(OUTBOX, READ_STREAM)
    mapping = emulator.client("lambda").create_event_source_mapping(
        FunctionName=name, EventSourceArn=emulator.stream_arn(table), StartingPosition="TRIM_HORIZON"
    )["UUID"]

    def delivered() -> list[str]:
        return " ".join(emulator.printed(name, "RECORDS")).split()

    dynamodb.put_item(TableName=table, Item={"id": {"S": "old"}})
    emulator.eventually(lambda: "old" in delivered())
    emulator.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
    for number in range(20):
        dynamodb.put_item(TableName=table, Item={"id": {"S": f"new-{number}"}})
    killed_and_restarted(emulator)
    emulator.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
    dynamodb.put_item(TableName=table, Item={"id": {"S": "after"}})
    emulator.eventually(lambda: "after" in delivered())
    assert delivered() == ["old", *(f"new-{number}" for number in range(20)), "after"]


def test_a_kill_at_any_moment_leaves_one_moment(tmp_path: Path) -> None:
    """Rows and their change records are written together: after a kill there are equally many."""
    emulator = Emulator(tmp_path / "state").start()
    table, dynamodb = emulator.table(stream=True), emulator.client("dynamodb")
    for number in range(300):
        dynamodb.put_item(TableName=table, Item={"id": {"S": str(number)}})
    arn = emulator.stream_arn(table)
    emulator.kill()
    emulator.start()
    try:
        rows = emulator.client("dynamodb").scan(TableName=table, Select="COUNT")["Count"]
        streams = emulator.client("dynamodbstreams")
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        start = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        records = streams.get_records(ShardIterator=start["ShardIterator"])["Records"]
        assert rows == len(records)
    finally:
        emulator.kill()


def test_asked_to_stop_it_saves_what_was_written_just_before(emulator: Emulator) -> None:
    table = emulator.table()
    emulator.client("dynamodb").put_item(TableName=table, Item={"id": {"S": "last"}})
    emulator.stop()
    emulator.start()
    assert emulator.client("dynamodb").scan(TableName=table, Select="COUNT")["Count"] == 1


def test_a_damaged_snapshot_stops_the_start_and_is_named(emulator: Emulator) -> None:
    emulator.table()
    emulator.stop()
    snapshot = max((emulator.state_dir / "snapshots").iterdir())
    (snapshot / "dynamodb.json").write_text("{}")
    with pytest.raises(RuntimeError, match=re.escape(f"{snapshot / 'dynamodb.json'} differs")):
        emulator.start()


def test_the_functions_of_a_killed_emulator_are_gone(emulator: Emulator) -> None:
    name = emulator.function("import os\ndef handler(event, context):\n    return os.getpid()\n")
    process_id = int(emulator.client("lambda").invoke(FunctionName=name)["Payload"].read())
    assert Path(f"/proc/{process_id}").exists()
    emulator.kill()
    emulator.eventually(lambda: not Path(f"/proc/{process_id}").exists() or zombie(process_id))


def zombie(process_id: int) -> bool:
    return ") Z " in Path(f"/proc/{process_id}/stat").read_text()


def test_without_the_patch_a_kill_loses_everything(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path / "state", without="durable-state").start()
    table = emulator.table()
    time.sleep(QUIET_SECONDS)
    emulator.kill()
    emulator.start()
    try:
        tables: list[Any] = emulator.client("dynamodb").list_tables()["TableNames"]
        assert table not in tables
    finally:
        emulator.kill()


def test_nothing_is_written_while_nothing_happens(emulator: Emulator) -> None:
    emulator.table()
    wait_until_saved(emulator)
    folder = emulator.state_dir / "snapshots"
    before = sorted(folder.iterdir())
    time.sleep(QUIET_SECONDS)
    assert sorted(folder.iterdir()) == before
