"""A stream filter on a missing field also holds where the field's parent is missing.

AWS
    ``{"dynamodb": {"OldImage": {"deletedAt": {"S": [{"exists": false}]}}}}`` matches a record without
    ``OldImage`` or without ``deletedAt``.
MiniStack
    Gives up at the first missing parent: the filter matches nothing.
Here
    A missing parent is matched as an empty one.
"""

from typing import Any

from ministack.services import lambda_svc

from local_aws.patching import Patch, targets_in


def apply() -> None:
    """Wrap the matcher, which still decides every leaf."""
    match_leaf = lambda_svc._match_esm_filter

    def match(record: Any, pattern: Any) -> bool:
        if not isinstance(pattern, dict):
            return False
        fields = record if isinstance(record, dict) else {}
        return all(
            match(fields.get(key), wanted) if isinstance(wanted, dict) else match_leaf(fields, {key: wanted})
            for key, wanted in pattern.items()
        )

    lambda_svc._match_esm_filter = match


PATCH = Patch(
    name="event-filter-absent-parent",
    targets=targets_in(
        "ministack.services.lambda_svc",
        {
            "_match_esm_filter": "355086b70ce2",
            "_apply_filter_criteria": "d8d7d5c8f77e",
        },
    ),
    apply=apply,
)
