"""The environment of each function, typed."""

from pydantic import Field

from hopcount_shared.settings import Settings


class ConsumerSettings(Settings):
    """What `consume_clicks` needs."""

    click_queue_url: str = Field(min_length=3)
    click_ledger_table: str = Field(min_length=3)
    daily_stats_table: str = Field(min_length=3)
    url_shortener_table: str = Field(min_length=3)
    user_table: str = Field(min_length=3)
    click_horizon_days: int = Field(ge=1, le=3650)


class StatsSettings(Settings):
    """What `get_link_stats` needs."""

    daily_stats_table: str = Field(min_length=3)
    url_shortener_table: str = Field(min_length=3)
