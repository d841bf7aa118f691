"""What each function reads from its environment."""

from hopcount_shared.settings import Settings


class ServiceSettings(Settings):
    """Environment of `get_service`: where this deployment is."""

    version: str
    stage: str
    aws_region: str
    public_base_url: str
    api_url: str
    cognito_endpoint: str
    user_pool_id: str
    user_pool_client_id: str
    login_url: str
    further_endpoints: str
    """`region=url` with commas between, or `none`."""
    identity_providers: str
    """Names with commas between, or `none`."""


class CollectSettings(Settings):
    """Environment of `collect_events`."""

    event_bus_name: str
