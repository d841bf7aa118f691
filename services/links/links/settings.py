"""The environment of this service's functions, typed."""

from pydantic import Field, HttpUrl, field_validator

from hopcount_shared.settings import Settings


class LinkSettings(Settings):
    """What every function that serves HTTP needs."""

    links_table_name: str = Field(min_length=1)
    public_base_url: str
    """Short links are this, a slash and the id."""
    http_api_url: str
    """The API's own address, which serves short links too."""

    @field_validator("public_base_url", "http_api_url")
    @classmethod
    def _without_final_slash(cls, value: str) -> str:
        return str(HttpUrl(value)).rstrip("/")


class CreationSettings(LinkSettings):
    """What making links needs on top."""

    internal_table_name: str = Field(min_length=1)
    creation_quota: int = Field(ge=1)
    creation_quota_window_seconds: int = Field(ge=1)


class ErasureSettings(Settings):
    """What erasing links needs."""

    links_table_name: str = Field(min_length=1)
    erasure_queue_url: str = Field(min_length=1)
    late_links_seconds: int = Field(ge=0)
    """For how long somebody who is gone may still make links: so long do their tokens live."""


class PublisherSettings(Settings):
    """What publishing events needs."""

    event_bus_name: str = Field(min_length=1)
