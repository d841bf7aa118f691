"""A Lambda function that logs nothing answers at once.

AWS
    The response leaves when the handler returns; its log follows on its own.
MiniStack
    Waits up to 50 ms after every invocation for a first line on standard error.
Here
    Waits 4 ms: the reader thread has the line by then, and a silent handler costs almost nothing.
"""

from ministack.core import lambda_runtime

from local_aws.patching import Patch, targets_in

FIRST_LINE_SECONDS = 0.004
QUIET_SECONDS = 0.002
LONGEST_SECONDS = 0.25


def apply() -> None:
    """Shorten the waits, which are the defaults of the method's arguments."""
    drain = lambda_runtime.Worker._drain_stderr_bounded
    drain.__defaults__ = (FIRST_LINE_SECONDS, QUIET_SECONDS, LONGEST_SECONDS)


PATCH = Patch(
    name="lambda-silent-handlers",
    targets=targets_in("ministack.core.lambda_runtime", {"Worker._drain_stderr_bounded": "3fd7cc742872"}),
    apply=apply,
)
