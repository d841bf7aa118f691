"""What the redirect reads from its environment."""

from hopcount_shared.settings import Settings


class RedirectSettings(Settings):
    """Environment of `redirect`."""

    table_name: str
    event_bus_name: str
