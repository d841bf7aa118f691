import os

from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Before anything imports Powertools or makes a client.
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
    POWERTOOLS_SERVICE_NAME="shared",
    POWERTOOLS_TRACE_DISABLED="1",
    STAGE="test",
)
os.environ.pop("AWS_ENDPOINT_URL", None)
