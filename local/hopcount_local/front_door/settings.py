"""What the front door is told by its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from hopcount_local.front_door.viewer import is_country


@dataclass(frozen=True)
class FrontDoorSettings:
    """Where the front door listens and what stands behind it."""

    port: int
    api_url: str
    """The HTTP API at the local AWS, as a URL with a path and without a trailing slash."""
    site: Path
    """The built folder whose files answer `/` and `/app/*`."""
    connect: str = ""
    """Origins that the app may talk to beside its own, apart by blanks."""
    viewer_country: str | None = None
    """The country of a viewer who names none; unset means unknown, and then no header is sent."""
    host: str = "127.0.0.1"
    connect_timeout: float = 3.0
    read_timeout: float = 30.0
    """As long as CloudFront waits for an origin, and an HTTP API for its function."""

    def __post_init__(self) -> None:
        url = urlsplit(self.api_url)
        if url.scheme != "http" or not url.hostname or url.query or url.fragment or url.path.endswith("/"):
            raise ValueError(f"HOPCOUNT_API_URL must look like http://host:port/path, not {self.api_url!r}")
        if self.viewer_country is not None and not is_country(self.viewer_country):
            raise ValueError(
                f"HOPCOUNT_VIEWER_COUNTRY must be two capital letters, not {self.viewer_country!r}"
            )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> FrontDoorSettings:
        """Read the settings; a missing or malformed one raises `ValueError` or `KeyError` that names it."""
        return cls(
            port=int(environ["HOPCOUNT_PORT"]),
            api_url=environ["HOPCOUNT_API_URL"],
            site=Path(environ["HOPCOUNT_SITE"]),
            connect=environ.get("HOPCOUNT_SITE_CONNECT", ""),
            viewer_country=environ.get("HOPCOUNT_VIEWER_COUNTRY") or None,
        )
