"""Start the Python runtime client as Lambda's runtime does: by a script, the function's folder first."""

import os
import sys

sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]

from awslambdaric.__main__ import main  # type: ignore[import-not-found]  # noqa: E402

main(sys.argv)
