"""The running product, as `make up` left it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).resolve().parents[2]
STAGE = "local"


@dataclass(frozen=True)
class Stack:
    """What `.local/outputs.json` says, and clients of the AWS it runs on."""

    outputs: Mapping[str, Any]

    @classmethod
    def load(cls) -> "Stack":
        """Read the outputs of the product that `make up` started."""
        path = ROOT / ".local" / "outputs.json"
        if not path.exists():
            raise RuntimeError("the product does not run here: `make up` first")
        return cls(json.loads(path.read_text()))

    @property
    def base_url(self) -> str:
        return str(self.outputs["baseUrl"])

    @property
    def client_id(self) -> str:
        return str(self.outputs["userPoolClientId"])

    @property
    def pool_id(self) -> str:
        return str(self.outputs["userPoolId"])

    def table(self, name: str) -> str:
        """Return the name of a table as this deployment has it."""
        return str(self.outputs["tables"][name])

    def client(self, service: str, **credentials: str) -> Any:
        """Make an AWS client: by default one that may do anything, as an operator here can."""
        keys = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(
            service,  # type: ignore[call-overload]  # the stubs want a literal
            endpoint_url=self.outputs["awsEndpointUrl"],
            region_name=self.outputs["region"],
            **keys,
        )

    @cached_property
    def dynamodb(self) -> Any:
        return self.client("dynamodb")

    def item(self, table: str, **key: str) -> dict[str, Any] | None:
        """Read one row, strongly consistent, as DynamoDB's attribute values."""
        answer = self.dynamodb.get_item(
            TableName=self.table(table),
            Key={name: {"S": value} for name, value in key.items()},
            ConsistentRead=True,
        )
        item: dict[str, Any] | None = answer.get("Item")
        return item
