import os

# Powertools reads these when it is imported; the rest of the environment is set by the tests that need it.
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
    POWERTOOLS_SERVICE_NAME="web",
    POWERTOOLS_TRACE_DISABLED="true",
    STAGE="test",
)
