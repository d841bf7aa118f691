"""Where a service of AWS is: from the standard variables, else from the region."""

from __future__ import annotations

from collections.abc import Mapping

from redirect.aws.errors import AwsError

_PORTS = {"https": 443, "http": 80}

_DOMAINS = {
    "cn-": "amazonaws.com.cn",
    "eusc-": "amazonaws.eu",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "us-isof-": "csp.hci.ic.gov",
    "eu-isoe-": "cloud.adc-e.uk",
}
"""By how a region's name begins; amazonaws.com for every other."""

_ODD = frozenset(' @#"<>\\')
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
"""What stands in a path and in its signature alike."""


class Endpoint:
    """A place to connect to.

    Parameters
    ----------
    host, port
        Where.
    tls
        Whether the connection is encrypted.
    path
        What requests are for, `/` unless the URL says otherwise.
    """

    __slots__ = ("host", "host_header", "path", "port", "tls")

    def __init__(self, host: str, port: int, *, tls: bool, path: str = "/") -> None:
        self.host = host
        self.port = port
        self.tls = tls
        self.path = path
        name = f"[{host}]" if ":" in host else host
        usual = port == _PORTS["https" if tls else "http"]
        self.host_header = name if usual else f"{name}:{port}"


def find_region(environ: Mapping[str, str]) -> str:
    """Return the region to talk to.

    Raises
    ------
    AwsError
        If the environment names none.
    """
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise AwsError("neither AWS_REGION nor AWS_DEFAULT_REGION is set")
    return region


def find_endpoint(service: str, variable: str, region: str, environ: Mapping[str, str]) -> Endpoint:
    """Return where a service is.

    Parameters
    ----------
    service
        The first word of its host name, for instance `dynamodb`.
    variable
        How the service is called in `AWS_ENDPOINT_URL_...`.
    region
        AWS region.
    environ
        Environment variables.

    Raises
    ------
    AwsError
        If they name no place to connect to.
    """
    ignored = environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true"
    given = environ.get(f"AWS_ENDPOINT_URL_{variable}") or environ.get("AWS_ENDPOINT_URL")
    if given and not ignored:
        endpoint = parse_url(given)
        if not _PLAIN.issuperset(endpoint.path) or "//" in endpoint.path or "/." in endpoint.path:
            raise AwsError(f"{given!r}: the path of an endpoint must be plain")
        return endpoint
    domain = next((_DOMAINS[start] for start in _DOMAINS if region.startswith(start)), "amazonaws.com")
    return Endpoint(f"{service}.{region}.{domain}", _PORTS["https"], tls=True)


def parse_url(url: str) -> Endpoint:
    """Read an http or https URL.

    Raises
    ------
    AwsError
        If it is none.
    """
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    visible = url.isascii() and url.isprintable() and not _ODD.intersection(url)
    if authority.startswith("["):
        host, bracket, port = authority[1:].partition("]")
        visible = visible and bracket != "" and port[:1] in ("", ":")
        port = port[1:]
    else:
        host, _, port = authority.partition(":")
    if scheme not in _PORTS or not separator or not host or "?" in authority or not visible:
        raise AwsError(f"{url!r} is no address to connect to")
    if port and not (port.isdigit() and 0 < int(port) < 65536):
        raise AwsError(f"{url!r} names no port")
    return Endpoint(
        host.lower(), int(port or _PORTS[scheme]), tls=scheme == "https", path=slash + path or "/"
    )
