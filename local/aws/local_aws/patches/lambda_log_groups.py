"""An invocation that outlives its function leaves no log group behind.

AWS
    A function's role, which may not create log groups, writes to the one its stack made. Where stack and
    function were removed during an invocation, the invocation's last lines are lost.
MiniStack
    Makes the group again for whatever was running, and nobody ever removes it.
Here
    The log of a function that is gone is written only where its group still is.
"""

from typing import Any

from ministack.services import cloudwatch_logs, lambda_svc

from local_aws.patching import Patch, targets_in


def apply() -> None:
    """Look for the function, or the group it writes to, before the log is emitted."""
    emit = lambda_svc._emit_lambda_logs

    def emit_where_wanted(func: dict[str, Any], *args: Any, **options: Any) -> None:
        config = func.get("config") or func
        name = config.get("FunctionName", "unknown")
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
        if name in lambda_svc._functions or group in cloudwatch_logs._log_groups:
            emit(func, *args, **options)

    lambda_svc._emit_lambda_logs = emit_where_wanted


PATCH = Patch(
    name="lambda-log-groups",
    targets=targets_in("ministack.services.lambda_svc", {"_emit_lambda_logs": "111efbf06968"}),
    apply=apply,
)
