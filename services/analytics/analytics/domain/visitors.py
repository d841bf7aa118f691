"""What a visitor counts as, from what strangers' browsers say about themselves.

Whether a program asked is decided in this order, once for each agent (the answers are kept):

1. Nothing that names neither Mozilla nor Opera is a browser: all those in use name one of them, because sites
   ask for it. So HTTP libraries (`curl/8.5`, `python-requests/2.32`, `Go-http-client/2.0`), messengers that
   fetch a preview (`WhatsApp/2.23 A`) and whatever says nothing at all are programs.
2. Programs listed by crawler-user-agents, less the few of its patterns that match people's browsers.
3. What ua-parser calls a spider, before it looks for any device.
4. A word or an address that programs put in and browsers do not.
5. What names no browser and no system that ua-parser knows, and no device.

A program that hides behind a browser's exact name is counted as a person: only its behaviour would give it
away, and none is recorded.

Browser and OS are ua-parser's families. The device is `desktop`, `mobile`, `tablet`, `tv` or `console`, else
`other`: watches, cars, glasses, and what cannot be told. An iPad that asks for the desktop site, as it does
by default, says that it is a Mac, and mostly counts as one.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import takewhile
from typing import NamedTuple

from crawleruseragents import CRAWLER_USER_AGENTS_DATA  # type: ignore[import-untyped]  # it has none
from ua_parser import Domain
from ua_parser.lazy import DeviceMatcher
from ua_parser.loaders import load_lazy_builtins
from ua_parser.regex import Resolver

from analytics.domain.breakdowns import OTHER
from analytics.domain.clicks import Visitor

UNKNOWN = "unknown"
DIRECT = "direct"
"""Who comes from no other site."""

MAX_FAMILY_BYTES = 32
MAX_REFERRER_BYTES = 48

BOT = Visitor(
    is_bot=True,
    country=UNKNOWN,
    device=UNKNOWN,
    browser=UNKNOWN,
    os=UNKNOWN,
    referrer=UNKNOWN,
    language=UNKNOWN,
)
"""Every program: only their number is counted."""

_CACHED = 20_000
_MAX_AGENT_LENGTH = 512  # what the redirect lets through; it bounds the memory that the cache takes

_PATTERNS_OF_PEOPLE = frozenset(
    {
        r"AP3A\.240617\.008",  # the build of Android 15 on phones of many makers
        "MetaIAB Facebook",  # browsers inside messengers and other apps; the previews that some of these
        "WhatsApp",  # fetch name no Mozilla, so they are found all the same
        "Viber",
        r"Bluesky\/",
        r"Tumblr\/",
        r"Notion\/",
        "Sonic",  # Slack's window on a desktop
    }
)
_PROGRAM = "Spider"  # what ua-parser calls a program, where others are called after their device
_DEVICES = (
    (_PROGRAM, r"(?:^|[^u])bots?(?:[^a-z]|$)"),  # but not the phones of CUBOT
    (_PROGRAM, r"crawl|spider|slurp|scrap(?:er|y)|headless|phantomjs"),
    (_PROGRAM, r"preview|unfurl|monitor|uptime|validator|fetcher|archiver"),
    (_PROGRAM, r"https?:|www\.|\w@\w+\.[a-z]{2}|\[at\]"),
    ("console", r"PlayStation|Xbox|Nintendo"),
    ("tv", r"Smart-?\s?TV|HbbTV|(?:Apple|Google|Android) ?TV|\bAFT[A-Z]|BRAVIA|CrKey|DTV|NetCast|Roku"),
    ("tv", r"TV Safari|VIDAA|Viera|Web0S|Large Screen|\bTV\b"),
    (OTHER, r"Watch|OculusBrowser|\bQuest \d|Tesla/|QtCarBrowser"),
    # Macs never say `Mobile`, and iPads that pass for one sometimes do. Phones with Android say it, as Google
    # asks of browsers, and tablets do not.
    ("tablet", r"iPad|Tablet(?:[^ ]| [^P]|$)|Kindle|PlayBook|\bKF[A-Z]{2,5}\b|Macintosh.*Mobile/"),
    ("mobile", r"Android.*Mobile|Mobile.*Android"),
    ("tablet", r"Android"),
    ("mobile", r"Mobile|iPhone|iPod|Phone|BlackBerry|BB10|Opera M(?:in|ob)i|KAIOS|MIDP|Symbian"),
    ("desktop", r"Windows|Macintosh|Mac OS X|X11|Linux|CrOS|BSD|SunOS"),
)
"""Further programs, and kinds of devices, by what their agents hold: the first that matches."""

_COUNTRY = re.compile(r"[A-Za-z]{2}")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
_LANGUAGE = re.compile(r"([A-Za-z]{2,8})(?:[-_].*)?", re.DOTALL)


class Agent(NamedTuple):
    """What a user agent tells."""

    is_bot: bool
    device: str
    browser: str
    os: str


def classify(
    user_agent: str | None, country: str | None, referrer_host: str | None, language: str | None
) -> Visitor:
    """Tell what a visitor counts as; whatever cannot be read is `unknown`, `direct` or `other`.

    Parameters
    ----------
    user_agent
        The header as it came.
    country
        ISO 3166 alpha-2, as the CDN saw it.
    referrer_host
        Host of the site that the visitor came from.
    language
        The tag that the visitor likes best, such as `de-CH`.
    """
    agent = read_agent((user_agent or "")[:_MAX_AGENT_LENGTH])
    if agent.is_bot:
        return BOT
    return Visitor(
        is_bot=False,
        country=_country(country or ""),
        device=agent.device,
        browser=agent.browser,
        os=agent.os,
        referrer=_referrer(referrer_host or ""),
        language=_language(language or ""),
    )


@lru_cache(_CACHED)
def read_agent(user_agent: str) -> Agent:
    """Tell what a user agent is."""
    if "Mozilla/" not in user_agent and "Opera/" not in user_agent:
        return _BOT_AGENT
    patterns = engine()
    device = patterns(user_agent, Domain.DEVICE).device
    if device and device.family == _PROGRAM:
        return _BOT_AGENT
    found = patterns(user_agent, Domain.USER_AGENT | Domain.OS)
    if not (device or found.user_agent or found.os):
        return _BOT_AGENT
    return Agent(
        is_bot=False,
        device=device.family if device else OTHER,
        browser=_family(found.user_agent.family if found.user_agent else None),
        os=_family(found.os.family if found.os else None),
    )


_BOT_AGENT = Agent(is_bot=True, device=UNKNOWN, browser=UNKNOWN, os=UNKNOWN)


@cache
def engine() -> Resolver:
    """Return the patterns, compiled when first needed: it takes a sixth of a second."""
    return compile_patterns(entry["pattern"] for entry in CRAWLER_USER_AGENTS_DATA)


def compile_patterns(listed: Iterable[str]) -> Resolver:
    """Compile the patterns of programs, devices, browsers and systems.

    Parameters
    ----------
    listed
        What programs are told by, besides what is told here.
    """
    browsers, systems, all_devices = load_lazy_builtins()
    # After all devices it takes anything with one of many words for a spider, for instance Amazon's Silk:
    # that guess would need the other devices too, whose patterns take as long again to compile.
    spiders = takewhile(lambda device: getattr(device, "family", "") == _PROGRAM, all_devices)
    programs = [
        DeviceMatcher(pattern, None, _PROGRAM) for pattern in listed if pattern not in _PATTERNS_OF_PEOPLE
    ]
    devices = [DeviceMatcher(pattern, "i", family) for family, pattern in _DEVICES]
    return Resolver((browsers, systems, [*programs, *spiders, *devices]))


def _family(name: str | None) -> str:
    if not name:
        return UNKNOWN
    return name if len(name.encode()) <= MAX_FAMILY_BYTES and name.isprintable() else OTHER


@lru_cache(_CACHED)
def _country(country: str) -> str:
    return country.upper() if _COUNTRY.fullmatch(country) else UNKNOWN


@lru_cache(_CACHED)
def _referrer(host: str) -> str:
    if not host:
        return DIRECT
    site = host.lower().removeprefix("www.").rstrip(".")
    return site if len(site) <= MAX_REFERRER_BYTES and _HOST.fullmatch(site) else OTHER


@lru_cache(_CACHED)
def _language(tag: str) -> str:
    found = _LANGUAGE.fullmatch(tag)
    return found[1].lower() if found else UNKNOWN


def forget() -> None:
    """Forget every answer; the compiled patterns stay."""
    for cached in (read_agent, _country, _referrer, _language):
        cached.cache_clear()
