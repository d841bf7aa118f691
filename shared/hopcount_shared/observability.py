"""Logs, metrics and traces: one logger, one metric namespace, one tracer, and how a handler gets them.

The only module that knows Powertools' `Tracer` (and with it aws-xray-sdk): what replaces it is written here.
Logs never hold an event, a header or a body; handlers log stable keys (`shortCode`, `eventId`).
"""

import functools
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

NAMESPACE = "Hopcount"

logger = Logger()
metrics = Metrics(namespace=NAMESPACE)
tracer = Tracer(patch_modules=["botocore"])

Handler = Callable[[dict[str, Any], LambdaContext], Any]

_VALUES_PER_LINE = 99
"""Of one metric: with a hundred, Powertools writes the line by itself, and has nothing left to write."""


def count(name: str, value: float = 1) -> None:
    """Add to a business metric, for instance `LinkCreated`.

    Its dimensions are the service and the stage, never a code or a user: those would cost a metric each.
    """
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def count_past(
    name: str, values: Sequence[float], at: datetime, dimensions: Mapping[str, str], *, unit: str = "Count"
) -> None:
    """Write values of a metric that belong to a time of their own, and have dimensions of their own.

    Parameters
    ----------
    name
        The metric.
    values
        Its values.
    at
        When they were: CloudWatch takes none of more than two weeks ago.
    dimensions
        Beside the service and the stage. From closed lists: each combination costs a metric.
    unit
        `Count` or `Milliseconds`.
    """
    for start in range(0, len(values), _VALUES_PER_LINE):
        line = EphemeralMetrics(namespace=NAMESPACE)
        line.set_timestamp(at)
        for key, value in {"stage": _stage(), **dimensions}.items():
            line.add_dimension(key, value)
        for number in values[start : start + _VALUES_PER_LINE]:
            line.add_metric(name, unit, number)
        line.flush_metrics()


def instrument(handler: Handler) -> Handler:
    """Give a Lambda handler its logger context, its metrics and its trace.

    Neither the event nor the answer is logged or traced: they hold tokens and addresses.
    """
    metrics.set_default_dimensions(stage=_stage())
    traced = tracer.capture_lambda_handler(handler, capture_response=False)
    measured = _allow_no_metrics(metrics.log_metrics(traced))
    logged: Handler = logger.inject_lambda_context(
        measured, correlation_id_path=correlation_paths.API_GATEWAY_HTTP, clear_state=True
    )
    return logged


def _stage() -> str:
    return os.environ.get("STAGE", "unknown")


def _allow_no_metrics(handler: Handler) -> Handler:
    """Keep Powertools from warning of a call that counted nothing, for instance a refused request."""

    @functools.wraps(handler)
    def quiet(event: dict[str, Any], context: LambdaContext) -> Any:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="No application metrics to publish")
            return handler(event, context)

    return quiet
