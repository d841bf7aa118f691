"""Every mend of the emulator: one module each, listed here in the order of application."""

import importlib
from collections.abc import Iterator, Set

from local_aws.patching import Patch

MODULES = (
    "durable_state",
    "lambda_silent_handlers",
    "lambda_log_groups",
    "lambda_sandbox_limit",
    "http_api_settings",
    "http_api_authorizer_identity",
    "http_api_authorizer_permission",
    "sqs_event_source_batches",
    "cognito_triggers",
    "cognito_invitation_only",
    "cloudformation_event_archive",
    "cloudformation_tables",
    "cloudformation_identity_provider",
    "event_filter_absent_parent",
    "stream_event_source",
    "iam_dynamodb_conditions",
    "iam_event_conditions",
    "eventbridge_queue_delivery",
    "eventbridge_replay_filter",
    "emf_metrics",
)


def selected(without: Set[str] = frozenset()) -> Iterator[Patch]:
    """Yield the patches to apply; `without` leaves out the named ones, or every one by ``all``."""
    known = {module.replace("_", "-") for module in MODULES}
    unknown = without - known - {"all"}
    if unknown:
        raise LookupError(f"no such patch: {', '.join(sorted(unknown))}")
    for module in MODULES:
        patch: Patch = importlib.import_module(f"{__name__}.{module}").PATCH
        if "all" not in without and patch.name not in without:
            yield patch
