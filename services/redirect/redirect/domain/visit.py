"""What a request tells about a visit: as little as statistics need, and nothing that names the visitor.

Headers are what strangers send. Each value is cut, checked or dropped here, never passed on as it came.

All this is done, and imported, once the visitor has the answer.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from redirect.domain.value import Value

USER_AGENT_LENGTH = 512

_COUNTRY = re.compile(r"[A-Za-z]{2}", re.ASCII)
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*", re.ASCII | re.IGNORECASE)
_LANGUAGE_LENGTH = 35  # RFC 5646, section 4.4.1
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Visit(Value):
    """What one request for a link tells.

    Parameters
    ----------
    country
        ISO 3166 code, as the CDN saw it.
    user_agent
        The browser's name for itself, cut.
    referrer_host
        The site that the visitor comes from; never the page.
    language
        The language that the visitor likes best.
    """

    __slots__ = ("country", "language", "referrer_host", "user_agent")

    def __init__(
        self,
        country: str | None = None,
        user_agent: str | None = None,
        referrer_host: str | None = None,
        language: str | None = None,
    ) -> None:
        self.country = country
        self.user_agent = user_agent
        self.referrer_host = referrer_host
        self.language = language


def read_visit(headers: Mapping[str, str]) -> Visit:
    """Read a visit from a request's headers.

    Parameters
    ----------
    headers
        By lower-case name, as API Gateway gives them.
    """
    return Visit(
        country=_country(headers.get("cloudfront-viewer-country", "")),
        user_agent=_user_agent(headers.get("user-agent", "")),
        referrer_host=_referrer_host(headers.get("referer", "")),
        language=_language(headers.get("accept-language", "")),
    )


def _country(value: str) -> str | None:
    country = value.strip()
    return country.upper() if _COUNTRY.fullmatch(country) else None


def _user_agent(value: str) -> str | None:
    clean = value if value.isascii() and value.isprintable() else _UNPRINTABLE.sub("", value)
    return clean.strip()[:USER_AGENT_LENGTH] or None


def _referrer_host(value: str) -> str | None:
    if not value.isascii():  # some letters turn into ASCII ones when lower-cased
        return None
    try:
        parts = urlsplit(value.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    return host if parts.scheme in {"http", "https"} and _HOST.fullmatch(host) else None


def _language(value: str) -> str | None:
    tag = value.split(",", 1)[0].split(";", 1)[0].strip()
    return tag if len(tag) <= _LANGUAGE_LENGTH and _LANGUAGE.fullmatch(tag) else None
