"""Where things are and what the environment says about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hopcount_local.errors import SettingsError
from hopcount_local.front_door.viewer import is_country

STAGE = "local"
SERVICES = ("platform", "links", "users", "analytics", "redirect", "web")
"""What is deployed, each as the stack `hopcount-<service>-<stage>`."""
OWN_VARIABLES = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
"""By which a developer reaches an account of their own, whatever the keys are."""


@dataclass(frozen=True)
class Settings:
    """One checkout of the product and the ports it uses."""

    root: Path
    port: int = 8080
    aws_port: int = 4566
    viewer_country: str | None = None
    region: str = "us-east-1"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings for the checkout that this package lies in.

        Raises
        ------
        SettingsError
            A variable is malformed; the message names it.
        """
        country = environ.get("HOPCOUNT_VIEWER_COUNTRY") or None
        if country is not None and not is_country(country):
            raise SettingsError(f"HOPCOUNT_VIEWER_COUNTRY must be two capital letters, not {country!r}.")
        port = _port(environ, "HOPCOUNT_PORT", cls.port)
        aws_port = _port(environ, "HOPCOUNT_AWS_PORT", cls.aws_port)
        if port == aws_port:
            raise SettingsError(f"HOPCOUNT_PORT and HOPCOUNT_AWS_PORT are both {port}: give them two ports.")
        return cls(Path(__file__).resolve().parents[2], port, aws_port, country)

    @property
    def base_url(self) -> str:
        """The front door."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def aws_url(self) -> str:
        """The local AWS; an address and not `localhost`, for which clients put buckets into host names."""
        return f"http://127.0.0.1:{self.aws_port}"

    def api_url(self, api_id: str) -> str:
        """Return where the local AWS serves an HTTP API.

        By path and not by host name, so that nothing in a path is taken for the emulator's own:
        by host name it answers `/health` itself and loses empty segments.
        """
        return f"{self.aws_url}/_aws/execute-api/{api_id}/$default"

    @property
    def data(self) -> Path:
        """Everything that is not code: state, logs, process records, outputs."""
        return self.root / ".local"

    @property
    def state(self) -> Path:
        """What the local AWS keeps."""
        return self.data / "state"

    @property
    def logs(self) -> Path:
        """The logs of background processes and of the last deployment."""
        return self.data / "logs"

    @property
    def run(self) -> Path:
        """Records of the background processes."""
        return self.data / "run"

    @property
    def outputs(self) -> Path:
        """What others need to know of the running product."""
        return self.data / "outputs.json"

    @property
    def site(self) -> Path:
        """The built landing page and app."""
        return self.root / "build" / "site"

    def aws_environ(self) -> dict[str, str]:
        """Return the variables that keep every AWS client away from a real account."""
        return {
            "AWS_ENDPOINT_URL": self.aws_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def without_aws(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the developer's own AWS profile, keys and endpoints."""
    return {name: value for name, value in environ.items() if not name.startswith("AWS_")}


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SettingsError(f"{name} must be a port number, not {text!r}.")
    return int(text)
