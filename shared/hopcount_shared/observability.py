"""Logs, metrics and traces: one logger, one metric namespace, one tracer, and how a handler gets them.

The only module that knows Powertools' `Tracer` (and with it aws-xray-sdk): what replaces it is written here.
Logs never hold an event, a header or a body; handlers log stable keys (`shortCode`, `eventId`).
"""

import functools
import os
import warnings
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

NAMESPACE = "Hopcount"

logger = Logger()
metrics = Metrics(namespace=NAMESPACE)
tracer = Tracer(patch_modules=["botocore"])

Handler = Callable[[dict[str, Any], LambdaContext], Any]


def count(name: str, value: float = 1) -> None:
    """Add to a business metric, for instance `LinkCreated`.

    Its dimensions are the service and the stage, never a code or a user: those would cost a metric each.
    """
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def instrument(handler: Handler) -> Handler:
    """Give a Lambda handler its logger context, its metrics and its trace.

    Neither the event nor the answer is logged or traced: they hold tokens and addresses.
    """
    metrics.set_default_dimensions(stage=os.environ.get("STAGE", "unknown"))
    traced = tracer.capture_lambda_handler(handler, capture_response=False)
    measured = _allow_no_metrics(metrics.log_metrics(traced))
    logged: Handler = logger.inject_lambda_context(
        measured, correlation_id_path=correlation_paths.API_GATEWAY_HTTP, clear_state=True
    )
    return logged


def _allow_no_metrics(handler: Handler) -> Handler:
    """Keep Powertools from warning of a call that counted nothing, for instance a refused request."""

    @functools.wraps(handler)
    def quiet(event: dict[str, Any], context: LambdaContext) -> Any:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="No application metrics to publish")
            return handler(event, context)

    return quiet
