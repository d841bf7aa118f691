"""A really started local AWS, and the few things that every test does with one."""

import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config

REGION = "us-east-1"
ACCOUNT = "000000000000"
FOLDER = Path(__file__).resolve().parents[1]
START_SECONDS = 30.0

T = TypeVar("T")


def free_port() -> int:
    """Return a TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def unique(prefix: str) -> str:
    """Return a name that no other test uses."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def zipped(source: str) -> bytes:
    """Return a deployment package whose handler is ``main.handler``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("main.py", source)
    return buffer.getvalue()


@dataclass
class Emulator:
    """One local AWS process.

    Parameters
    ----------
    state_dir
        Its state folder.
    without
        Names of patches to leave out, or ``all``.
    patience
        How long `eventually` waits for what should happen, in seconds.
    """

    state_dir: Path
    without: str = ""
    patience: float = 15.0
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_file(self) -> Path:
        """Return the file that its output goes to."""
        return self.state_dir.parent / f"{self.state_dir.name}.log"

    def start(self) -> "Emulator":
        """Start the process and wait until it is ready."""
        self.state_dir.mkdir(parents=True, exist_ok=True)
        environment = {
            "PATH": os.environ["PATH"],
            "HOPCOUNT_AWS_PORT": str(self.port),
            "HOPCOUNT_AWS_STATE_DIR": str(self.state_dir),
            "HOPCOUNT_AWS_LOG_LEVEL": "DEBUG",
            "LOCAL_AWS_WITHOUT": self.without,
        }
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local_aws"], cwd=FOLDER, env=environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"did not start:\n{self.log_file.read_text()[-3000:]}")
            time.sleep(0.05)
        return self

    def _ready(self) -> bool:
        try:
            return self.http("GET", "/_ministack/ready")[0] == 200
        except OSError:
            return False

    def kill(self) -> None:
        """End the process so that it can do nothing about it."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the process to end."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=30)

    def client(self, service: str, credentials: dict[str, str] | None = None) -> Any:
        """Return a boto3 client: of the account's root, or of a role's session."""
        keys = credentials or {"AccessKeyId": "test", "SecretAccessKey": "test"}
        make_client: Any = boto3.client
        return make_client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            config=Config(retries={"max_attempts": 0}, read_timeout=30),
        )

    def http(self, method: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, Any, bytes]:
        """Make a plain request; return status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def eventually(self, check: Callable[[], T]) -> T:
        """Return the first true result of `check`; fail when patience runs out."""
        deadline = time.monotonic() + self.patience
        while not (result := check()):
            assert time.monotonic() < deadline, f"never held: {check.__qualname__}"
            time.sleep(0.05)
        return result

    def role(self, *statements: dict[str, Any]) -> str:
        """Create a role with one inline policy; return its ARN."""
        iam, name = self.client("iam"), unique("role")
        trust = {"Effect": "Allow", "Principal": {"AWS": "*", "Service": "lambda.amazonaws.com"}}
        trust_policy = {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust_policy))["Role"]
        arn: str = role["Arn"]
        if statements:
            policy = {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", **one} for one in statements],
            }
            iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=json.dumps(policy))
        return arn

    def session(self, role_arn: str) -> dict[str, str]:
        """Return the credentials of a session of the role."""
        answer = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")
        credentials: dict[str, str] = answer["Credentials"]
        return credentials

    def function(self, source: str, *statements: dict[str, Any], **settings: Any) -> str:
        """Create a Lambda function from the source of its only module; return its name."""
        name = unique("function")
        self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="main.handler",
            Role=self.role(*statements),
            Code={"ZipFile": zipped(source)},
            **{"Timeout": 10, **settings},
        )
        return name

    def function_arn(self, name: str) -> str:
        """Return the ARN of a function."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"

    def printed(self, function_name: str, start: str) -> list[str]:
        """Return what the function printed after `start`, line by line."""
        logs = self.client("logs")
        group = f"/aws/lambda/{function_name}"
        if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            return []
        lines = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
        return [line[len(start) :].strip() for line in lines if line.startswith(start)]

    def queue(self, **attributes: str) -> tuple[str, str]:
        """Create a queue; return its URL and ARN."""
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=unique("queue"), Attributes=attributes)["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        return url, found["QueueArn"]

    def received(self, queue_url: str) -> list[dict[str, Any]]:
        """Take what is on a queue just now."""
        answer = self.client("sqs").receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def table(self, *, stream: bool = False) -> str:
        """Create a table with the partition key ``id``; return its name."""
        name = unique("table")
        specification = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        self.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            **({"StreamSpecification": specification} if stream else {}),
        )
        return name

    def stream_arn(self, table_name: str) -> str:
        """Return the ARN of a table's stream."""
        arn: str = self.client("dynamodb").describe_table(TableName=table_name)["Table"]["LatestStreamArn"]
        return arn

    def deploy(self, resources: dict[str, Any], name: str | None = None, **outputs: Any) -> dict[str, str]:
        """Create or update a stack; return its outputs and, as ``StackName``, its name."""
        formation = self.client("cloudformation")
        template = {
            "Resources": resources,
            "Outputs": {key: {"Value": value} for key, value in outputs.items()},
        }
        body = json.dumps(template)
        action = formation.update_stack if name else formation.create_stack
        name = name or unique("stack")
        action(StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"])
        stack = self.eventually(lambda: self.finished(name)) or {}
        assert stack["StackStatus"].endswith(("CREATE_COMPLETE", "UPDATE_COMPLETE")), self.reasons(name)
        assert "ROLLBACK" not in stack["StackStatus"], self.reasons(name)
        found = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        return {"StackName": name, **found}

    def finished(self, stack_name: str) -> dict[str, Any] | None:
        """Return the stack once nothing is in progress."""
        stack: dict[str, Any] = self.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"][
            0
        ]
        return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

    def reasons(self, stack_name: str) -> list[str]:
        """Return why resources of a stack failed."""
        events = self.client("cloudformation").describe_stack_events(StackName=stack_name)["StackEvents"]
        return [event["ResourceStatusReason"] for event in events if "FAILED" in event["ResourceStatus"]]

    def remove(self, stack_name: str) -> None:
        """Delete a stack and wait until it is gone."""
        formation = self.client("cloudformation")
        formation.delete_stack(StackName=stack_name)

        def gone() -> bool:
            stacks = formation.list_stacks()["StackSummaries"]
            return all(s["StackStatus"] == "DELETE_COMPLETE" for s in stacks if s["StackName"] == stack_name)

        self.eventually(gone)
