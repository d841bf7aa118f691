"""IAM sees which attributes and keys a DynamoDB request touches, also on writes, in batches and transactions.

AWS
    Fills ``dynamodb:Attributes`` (every top-level attribute a request names), ``dynamodb:LeadingKeys`` and
    ``dynamodb:ReturnValues`` for each request, and for each item of a transaction; only reads carry
    ``dynamodb:Select``.
MiniStack
    Fills ``Attributes`` from the projection of a single request only: ``ForAllValues`` then passes vacuously
    and an attribute-level policy permits everything, while a batch with a projection is denied.
Here
    The keys are filled from expressions, keys and items, for each table of a batch from what is asked of it.
    Within a transaction ``ReturnValues`` stays absent, because an item there has no such parameter: write
    ``StringEqualsIfExists``.
"""

import json
import re
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.services import dynamodb

from local_aws.patching import Patch, targets_in

EXPRESSIONS = (
    "UpdateExpression",
    "ConditionExpression",
    "ProjectionExpression",
    "FilterExpression",
    "KeyConditionExpression",
)
KEYWORDS = frozenset({"SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "BETWEEN", "IN"})
_VALUE = re.compile(r":\w+")
_NESTED = re.compile(r"\s*\.\s*[#\w]+|\[\d+\]")
# A name followed by a bracket is a function, and so no attribute.
_NAME = re.compile(r"#?\w+\b(?!\s*\()")

Request = dict[str, Any]
Context = dict[str, Any]


class ItemArn(str):
    """The ARN that an item of a transaction or a table of a batch is checked on, with its condition keys."""

    __slots__ = ("context",)
    context: Context

    @classmethod
    def of(cls, arn: str, context: Context) -> "ItemArn":
        """Return the ARN with the context attached."""
        item = cls(arn)
        item.context = context
        return item


def attributes_named(request: Request) -> set[str]:
    """Return every top-level attribute that the request names."""
    found = {
        name for part in ("Key", "Item", "AttributeUpdates", "Expected") for name in request.get(part) or {}
    }
    found.update(request.get("AttributesToGet") or [])
    placeholders = request.get("ExpressionAttributeNames") or {}
    for expression in EXPRESSIONS:
        text = _NESTED.sub("", _VALUE.sub(" ", request.get(expression) or ""))
        names = (name for name in _NAME.findall(text) if name.upper() not in KEYWORDS and not name.isdigit())
        found.update(placeholders.get(name, name) for name in names)
    return found


def partition_key(table_name: str) -> str | None:
    """Return the name of the table's partition key, or None for an unknown table."""
    table = dynamodb._tables.get(table_name.rsplit("/", 1)[-1]) or {}
    return table.get("pk_name")


def leading_keys(request: Request) -> list[str]:
    """Return the partition key values that the request addresses."""
    name = partition_key(request.get("TableName") or "")
    if not name:
        return []
    value = (request.get("Key") or request.get("Item") or {}).get(name)
    if value is None:
        value = _queried_value(request, name)
    return [str(next(iter(value.values())))] if isinstance(value, dict) and value else []


def _queried_value(request: Request, name: str) -> Any:
    condition = request.get("KeyConditionExpression") or ""
    for placeholder, actual in (request.get("ExpressionAttributeNames") or {}).items():
        if actual == name:
            condition = condition.replace(placeholder, name)
    found = re.search(rf"\b{re.escape(name)}\s*=\s*(:\w+)", condition)
    return (request.get("ExpressionAttributeValues") or {}).get(found.group(1)) if found else None


def context_of(request: Request) -> Context:
    """Return the condition keys that a request, or one item of a transaction, carries."""
    context: Context = {}
    if attributes := attributes_named(request):
        context["dynamodb:Attributes"] = sorted(attributes)
    if keys := leading_keys(request):
        context["dynamodb:LeadingKeys"] = keys
    return context


def context_of_batch(table_name: str, asked: Any) -> Context:
    """Return the condition keys that a batch carries for one table: of its writes, or of its keys to read."""
    if isinstance(asked, list):
        writes = [next(iter(write.values())) for write in asked if isinstance(write, dict) and write]
        return _merged([context_of({"TableName": table_name, **write}) for write in writes])
    if not isinstance(asked, dict):
        return {}
    reading = {name: value for name, value in asked.items() if name != "Keys"}
    requests = [{"TableName": table_name, "Key": key, **reading} for key in asked.get("Keys") or []]
    projected = reading.get("ProjectionExpression") or reading.get("AttributesToGet")
    select = "SPECIFIC_ATTRIBUTES" if projected else "ALL_ATTRIBUTES"
    return {**_merged([context_of(request) for request in requests]), "dynamodb:Select": select}


def _merged(contexts: list[Context]) -> Context:
    names = {name for context in contexts for name in context}
    return {name: sorted({value for c in contexts for value in c.get(name, ())}) for name in names}


def is_write(request: Request) -> bool:
    """Tell an update, put or delete from a read: only a read may choose what it selects."""
    return any(part in request for part in ("UpdateExpression", "AttributeUpdates", "Item", "ReturnValues"))


def _loaded(body: bytes) -> Request:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return {}
    return request if isinstance(request, dict) else {}


def apply() -> None:
    """Extend the context of single requests; give each item of a transaction and table of a batch its own."""
    base_context = iam_actions.dynamodb_service_context
    base_arns = iam_actions.dynamodb_resource_arns
    base_checks = iam_actions.dynamodb_transaction_checks
    base_enforce = iam_evaluator.enforce

    def service_context(body: bytes) -> Context:
        request = _loaded(body)
        context = {**base_context(body), **context_of(request)}
        if is_write(request):
            context.pop("dynamodb:Select", None)
            context["dynamodb:ReturnValues"] = request.get("ReturnValues") or "NONE"
        return context

    def resource_arns(body: bytes, region: str, account_id: str) -> list[str]:
        arns = base_arns(body, region, account_id)
        batch = _loaded(body).get("RequestItems")
        if not isinstance(batch, dict) or len(batch) != len(arns):
            return arns
        return [
            ItemArn.of(arn, context_of_batch(table_name, asked))
            for arn, (table_name, asked) in zip(arns, batch.items(), strict=True)
        ]

    def transaction_checks(
        iam_action: str, body: bytes, region: str, account_id: str
    ) -> list[tuple[str, str]]:
        checks = base_checks(iam_action, body, region, account_id)
        members = iam_actions._DYNAMODB_TRANSACT_ITEM_ACTIONS
        items = [
            item[member]
            for item in (_loaded(body).get("TransactItems") or [] if checks else [])
            for member in members
            if isinstance(item, dict) and isinstance(item.get(member), dict) and item[member].get("TableName")
        ]
        return [
            (action, ItemArn.of(arn, context_of(item)))
            for (action, arn), item in zip(checks, items, strict=True)
        ]

    def enforce(
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: Context | None = None,
    ) -> Any:
        if isinstance(resource_arn, ItemArn):
            shared = {**(service_context or {})}
            shared.pop("dynamodb:Select", None)
            service_context = {**shared, **resource_arn.context}
        return base_enforce(access_key_id, iam_action, service, region, resource_arn, service_context)

    iam_actions.dynamodb_service_context = service_context
    iam_actions.dynamodb_resource_arns = resource_arns
    iam_actions.dynamodb_transaction_checks = transaction_checks
    iam_evaluator.enforce = enforce


PATCH = Patch(
    name="iam-dynamodb-conditions",
    targets=(
        targets_in(
            "ministack.core.iam_actions",
            {
                "dynamodb_service_context": "0f0021bdc8a3",
                "dynamodb_resource_arns": "a7186900d54a",
                "dynamodb_transaction_checks": "684e748338e8",
            },
        )
        + targets_in("ministack.core.iam_evaluator", {"enforce": "cf64b1ee5b09"})
        + targets_in("ministack.app", {"_dispatch_service_request": "17e5ef6dcfa0"})
    ),
    apply=apply,
)
