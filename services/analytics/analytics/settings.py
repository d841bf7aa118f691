"""The environment of each function, typed."""

from datetime import timedelta

from pydantic import AwareDatetime, Field

from hopcount_shared.settings import Settings


class ConsumerSettings(Settings):
    """What `consume_clicks` needs."""

    click_ledger_table: str = Field(min_length=3)
    click_queue_url: str = Field(min_length=3)
    fold_queue_url: str = Field(min_length=3)
    click_horizon_days: int = Field(ge=1, le=3650)
    clicks_provable_since: AwareDatetime
    counting_shards: int = Field(ge=1, le=5)

    @property
    def horizon(self) -> timedelta:
        """For how long clicks are accepted."""
        return timedelta(days=self.click_horizon_days)


class FoldSettings(Settings):
    """What `fold_counts` needs."""

    click_ledger_table: str = Field(min_length=3)
    daily_stats_table: str = Field(min_length=3)
    url_shortener_table: str = Field(min_length=3)
    user_table: str = Field(min_length=3)
    click_horizon_days: int = Field(ge=1, le=3650)
    counting_shards: int = Field(ge=1, le=5)
    fold_delay_seconds: int = Field(ge=0, le=900)
    fold_lease_seconds: int = Field(ge=1, le=1000)

    @property
    def horizon(self) -> timedelta:
        """For how long clicks are accepted."""
        return timedelta(days=self.click_horizon_days)


class StatsSettings(Settings):
    """What `get_link_stats` and `get_account_stats` need."""

    daily_stats_table: str = Field(min_length=3)
    url_shortener_table: str = Field(min_length=3)


class FiguresSettings(Settings):
    """What `get_figures` needs."""

    daily_stats_table: str = Field(min_length=3)
    public_figures: bool
