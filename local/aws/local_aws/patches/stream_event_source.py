"""A mapping from a DynamoDB stream retries, checkpoints and gives up as it is told to.

AWS
    With ``ReportBatchItemFailures`` the next batch begins at the first record reported; a failing batch is
    retried ``MaximumRetryAttempts`` times, halved by ``BisectBatchOnFunctionError``, then described to the
    on-failure destination and passed over; ``MaximumBatchingWindowInSeconds`` gathers records. Mappings do
    not wait for each other.
MiniStack
    Takes a reported failure for success and loses the record, retries a poison batch for ever, knows no
    window, and invokes on the thread that serves every other mapping.
Here
    All of it as on AWS, one batch at a time for each mapping.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ministack.core.concurrency import esm_wake
from ministack.core.responses import request_scope
from ministack.services import dynamodb, lambda_svc

from local_aws.patching import Patch, targets_in

Record = dict[str, Any]
Mapping = dict[str, Any]
FOR_EVER = -1


@dataclass
class Progress:
    """What is remembered of a mapping between two looks at its stream."""

    failed_at: int = -1
    attempts: int = 0
    limit: int | None = None
    gathering_since: float | None = None


@dataclass(frozen=True)
class Batch:
    """Records read from one position of a table's stream."""

    table_name: str
    position: int
    records: list[Record]


_progress: dict[str, Progress] = {}


def table_of(mapping: Mapping) -> str | None:
    """Return the table whose present stream the mapping reads, or None."""
    head, separator, _label = mapping.get("EventSourceArn", "").partition("/stream/")
    if not separator or ":dynamodb:" not in head:
        return None
    name: str = head.rsplit("/", 1)[-1]
    table = dynamodb._tables.get(name)
    return name if table and table.get("LatestStreamArn") == mapping["EventSourceArn"] else None


def position_of(mapping: Mapping, table_name: str) -> int:
    """Return where the mapping reads next, setting it where it never read."""
    oldest = dynamodb.stream_start_position(table_name)
    newest = dynamodb.stream_end_position(table_name)
    first = oldest if mapping.get("StartingPosition") == "TRIM_HORIZON" else newest
    with lambda_svc._dynamodb_stream_positions_lock:
        positions = lambda_svc._dynamodb_stream_positions
        position: int = max(positions.setdefault(mapping["UUID"], first), oldest)
    return position


def advance(mapping: Mapping, position: int) -> None:
    """Read from `position` next."""
    with lambda_svc._dynamodb_stream_positions_lock:
        lambda_svc._dynamodb_stream_positions[mapping["UUID"]] = position


def may_grow(batch: Batch, mapping: Mapping, limit: int, progress: Progress) -> bool:
    """Tell whether the batching window lets the batch wait for more records."""
    window = int(mapping.get("MaximumBatchingWindowInSeconds") or 0)
    if not window or len(batch.records) >= limit or progress.attempts:
        progress.gathering_since = None
        return False
    if progress.gathering_since is None:
        progress.gathering_since = time.monotonic()
    if time.monotonic() - progress.gathering_since < window:
        return True
    progress.gathering_since = None
    return False


def next_batch(mapping: Mapping, progress: Progress) -> Batch | None:
    """Return the records to invoke with now, or None."""
    table_name = table_of(mapping)
    if table_name is None:
        return None
    position = position_of(mapping, table_name)
    limit = progress.limit or int(mapping.get("BatchSize") or 100)
    batch = Batch(table_name, position, dynamodb.stream_records_since(table_name, position, limit))
    return None if not batch.records or may_grow(batch, mapping, limit, progress) else batch


def first_failure(batch: Batch, result: dict[str, Any], mapping: Mapping) -> int | None:
    """Return the index of the first record to be retried, None when the function took all."""
    if result.get("error"):
        return 0
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or []):
        return None
    body = result.get("body")
    try:
        answer = json.loads(body) if isinstance(body, str | bytes) and body else body
    except ValueError:
        return 0
    failures = (answer or {}).get("batchItemFailures") if isinstance(answer, dict | None) else [{}]
    failed = {failure.get("itemIdentifier") for failure in failures or []}
    numbers = [record["dynamodb"]["SequenceNumber"] for record in batch.records]
    if not failed:
        return None
    # An identifier that is not in the batch fails all of it.
    return 0 if failed - set(numbers) else min(numbers.index(number) for number in failed)


def settle(mapping: Mapping, function: dict[str, Any], batch: Batch, result: dict[str, Any]) -> None:
    """Move the mapping on, or have it try again, after an invocation."""
    progress = _progress[mapping["UUID"]]
    failed = first_failure(batch, result, mapping)
    if failed is None:
        advance(mapping, batch.position + len(batch.records))
        progress.failed_at, progress.attempts, progress.limit = -1, 0, None
        lambda_svc._esm_backoff_until.pop(mapping["UUID"], None)
        mapping["LastProcessingResult"] = f"OK - {len(batch.records)} records"
        return
    mapping["LastProcessingResult"] = "FAILED"
    position = batch.position + failed
    progress.attempts = progress.attempts + 1 if progress.failed_at == position else 1
    progress.failed_at = position
    left = batch.records[failed:]
    lambda_svc.logger.warning(
        "ESM: %s failed %d of %d stream records", mapping["FunctionName"], len(left), len(batch.records)
    )
    if given_up(mapping, progress, left):
        condition = "RetryAttemptsExhausted"
        arn = mapping["EventSourceArn"]
        lambda_svc._send_ddb_stream_failure_record(mapping, function, left, arn, result, condition)
        advance(mapping, position + len(left))
        progress.failed_at, progress.attempts, progress.limit = -1, 0, None
        return
    if mapping.get("BisectBatchOnFunctionError") and len(left) > 1:
        progress.limit, progress.attempts = (len(left) + 1) // 2, 0
    advance(mapping, position)
    lambda_svc._esm_backoff_until[mapping["UUID"]] = time.time() + lambda_svc._ESM_BACKOFF_SECONDS


def given_up(mapping: Mapping, progress: Progress, left: list[Record]) -> bool:
    """Tell whether what is left has been tried often enough or is too old."""
    if mapping.get("BisectBatchOnFunctionError") and len(left) > 1:
        return False
    retries = mapping.get("MaximumRetryAttempts", FOR_EVER)
    retries = FOR_EVER if retries is None else int(retries)
    oldest = min(record["dynamodb"]["ApproximateCreationDateTime"] for record in left)
    longest = int(mapping.get("MaximumRecordAgeInSeconds") or FOR_EVER)
    too_old = longest > 0 and time.time() - float(oldest) > longest
    return too_old or (retries != FOR_EVER and progress.attempts > retries)


def invoke(mapping: Mapping, function: dict[str, Any], batch: Batch, wanted: list[Record]) -> None:
    """Run the function on the records that pass the filter, then settle the batch."""
    settle(mapping, function, batch, lambda_svc._execute_function(function, {"Records": wanted}))


def due_mappings() -> Iterator[tuple[Mapping, dict[str, Any]]]:
    """Yield each enabled mapping that is neither busy nor backing off, with its function, in its scope."""
    for account, region, mapping in lambda_svc._iter_all_esms():
        with request_scope(account, region):
            identifier = mapping["UUID"]
            if (
                not mapping.get("Enabled", True)
                or lambda_svc._esm_inflight.get(identifier)
                or lambda_svc._esm_backoff_until.get(identifier, 0) > time.time()
            ):
                continue
            function, _config = lambda_svc._get_func_record_for_qualifier(
                mapping["FunctionName"], mapping.get("Qualifier")
            )
            if function is not None:
                yield mapping, function


def poll() -> bool:
    """Look at every mapping once; return whether any had something to do."""
    busy = False
    for mapping, function in due_mappings():
        progress = _progress.setdefault(mapping["UUID"], Progress())
        batch = next_batch(mapping, progress)
        if batch is None:
            continue
        busy = True
        wanted = lambda_svc._apply_filter_criteria(batch.records, mapping)
        if wanted:
            lambda_svc._dispatch_esm_batch(mapping["UUID"], invoke, mapping, function, batch, wanted)
        else:
            advance(mapping, batch.position + len(batch.records))
    return busy


def apply() -> None:
    """Replace the poller's look at streams."""
    lambda_svc._poll_dynamodb_streams = poll
    esm_wake.set()


PATCH = Patch(
    name="stream-event-source",
    targets=targets_in(
        "ministack.services.lambda_svc",
        {
            "_poll_dynamodb_streams": "2b2460e933a9",
            "_poll_loop": "6a443090919a",
            "_dispatch_esm_batch": "b91ab76fad0b",
            "_apply_filter_criteria": "d8d7d5c8f77e",
            "_get_func_record_for_qualifier": "a86e90478088",
            "_send_ddb_stream_failure_record": "0efd5f5ffe2d",
            "_init_stream_position": "bef560b23a1a",
        },
    )
    + targets_in(
        "ministack.services.dynamodb",
        {
            "stream_start_position": "3b822e76fbb1",
            "stream_end_position": "d0483912696d",
            "stream_records_since": "aed31a353fda",
        },
    ),
    apply=apply,
)
