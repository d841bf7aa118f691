"""A deployment, as it describes itself at `/.well-known/hopcount.json`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from hopcount_cli.errors import DeploymentError, NetworkError, UsageError

if TYPE_CHECKING:
    import httpx

PATH = "/.well-known/hopcount.json"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Deployment:
    """What has to be known to sign in.

    Parameters
    ----------
    base_url
        Where it is.
    cognito_endpoint
        Where Cognito's API for it is.
    user_pool_id, client_id
        Of its users.
    login_url
        Its pages to sign in by browser.
    """

    base_url: str
    cognito_endpoint: str
    user_pool_id: str
    client_id: str
    login_url: str

    @classmethod
    def read(cls, base_url: str, document: Mapping[str, Any]) -> "Deployment":
        """Read what a deployment says of itself.

        Raises
        ------
        hopcount_cli.errors.DeploymentError
            If it lacks something.
        """

        def text(name: str) -> str:
            value = document.get(name)
            if not isinstance(value, str) or not value:
                raise DeploymentError(f"{base_url}{PATH} does not say {name}: is it an older Hopcount?")
            return value

        return cls(
            base_url=base_url,
            cognito_endpoint=check_url(text("cognitoEndpoint")),
            user_pool_id=text("userPoolId"),
            client_id=text("userPoolClientId"),
            login_url=check_url(text("loginUrl")),
        )


def discover(base_url: str, http: "httpx.Client") -> Deployment:
    """Ask a deployment for its description.

    Raises
    ------
    hopcount_cli.errors.DeploymentError
        If there is no Hopcount.
    hopcount_cli.errors.NetworkError
        If nothing answers.
    """
    import httpx  # noqa: PLC0415  it takes a while to import

    try:
        response = http.get(base_url + PATH)
    except httpx.TransportError as error:
        raise NetworkError(f"{base_url} cannot be reached: {error or type(error).__name__}") from None
    if response.status_code >= 500:
        raise NetworkError(f"{base_url} fails ({response.status_code}); try again later")
    try:
        document = response.json()
    except ValueError:
        document = None
    if not response.is_success or not isinstance(document, dict) or document.get("name") != "hopcount":
        raise DeploymentError(f"there is no Hopcount at {base_url}")
    return Deployment.read(base_url, document)


def check_url(text: str) -> str:
    """Return the address of a deployment without a slash at the end.

    Raises
    ------
    hopcount_cli.errors.UsageError
        If it is no address, or credentials would travel to it in the clear.
    """
    given = text.strip()
    url = given if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", given) else f"https://{given}"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or parts.username or parts.query or parts.fragment:
        raise UsageError(f"{text!r} is no address of a Hopcount; one looks like https://go.example.com")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise UsageError(f"{text} would send credentials in the clear: use https://")
    return url.rstrip("/")
