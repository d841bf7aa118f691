import json
import subprocess
import sys

import crawleruseragents  # type: ignore[import-untyped]  # it has none
import pytest
from bench.classification import browsers, programs, score
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.domain.clicks import Visitor
from analytics.domain.visitors import BOT, MAX_FAMILY_BYTES, MAX_REFERRER_BYTES, classify, read_agent

UNTIMED = settings(deadline=None)

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GECKO = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"{GECKO} Chrome/140.0.0.0"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
WEBVIEW = (
    "Mozilla/5.0 (Linux; Android 15; SM-S918B Build/AP3A.240617.008; wv) AppleWebKit/537.36 (like Gecko)"
)


def person(**changes: str | None) -> Visitor:
    values: dict[str, str | None] = {
        "user_agent": FIREFOX,
        "country": "CH",
        "referrer_host": "example.org",
        "language": "de-CH",
    }
    visitor = classify(**{**values, **changes})
    assert not visitor.is_bot
    return visitor


def test_a_person_is_told_by_six_dimensions() -> None:
    assert person() == Visitor(
        is_bot=False,
        country="CH",
        device="desktop",
        browser="Firefox",
        os="Linux",
        referrer="example.org",
        language="de",
    )


class TestPrograms:
    @pytest.mark.parametrize(
        "agent", [None, "", " ", "-", "Mozilla", "Mozilla/5.0", "Mozilla/5.0 (compatible)"]
    )
    def test_who_says_nothing_is_a_program(self, agent: str | None) -> None:
        assert classify(agent, "CH", "example.org", "de") == BOT

    @pytest.mark.parametrize(
        "agent",
        [
            # crawlers
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/)",
            f"Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) {CHROME} Mobile (compatible; Googlebot/2.1)",
            # link previews
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "Twitterbot/1.0",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "WhatsApp/2.23.20.0 A",
            "TelegramBot (like TwitterBot)",
            "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
            "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
            "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
            "Bluesky Cardyb/1.1; +mailto:support@bsky.app",
            # monitors
            "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
            "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
            f"Mozilla/5.0 (X11; Linux x86_64) {CHROME} Safari/537.36 Chrome-Lighthouse",
            # HTTP libraries, and browsers driven by programs
            "curl/8.5.0",
            "Wget/1.21.3",
            "python-requests/2.32.3",
            "python-httpx/0.28.1",
            "Go-http-client/2.0",
            "okhttp/4.12.0",
            "axios/1.7.2",
            "node",
            "Java/17.0.8",
            "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UQ1A)",
            "MyShop/3 CFNetwork/1410.0.3 Darwin/22.6.0",
            f"Mozilla/5.0 (X11; Linux x86_64) {GECKO} HeadlessChrome/120 Safari/537.36",
            # on no list, but with what programs put in
            f"Mozilla/5.0 (X11; Linux x86_64) {CHROME} Safari/537.36 ExampleBot/1.0",
            "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0 (+https://example.org/why)",
            "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0 ops@example.org",
            f"Mozilla/5.0 (X11; Linux x86_64) {CHROME} Safari/537.36 example-uptime-check",
        ],
    )
    def test_programs_are_told(self, agent: str) -> None:
        assert classify(agent, "CH", "example.org", "de") == BOT

    @pytest.mark.parametrize(
        "agent",
        [
            # browsers inside apps, some of which crawler-user-agents takes for crawlers
            f"{WEBVIEW} Version/4.0 Chrome/140.0 Mobile Safari/537.36 Instagram 390.0.0.43.81 Android",
            f"{WEBVIEW} Version/4.0 Chrome/140.0 Mobile Safari/537.36 MetaIAB Facebook",
            f"{WEBVIEW} Version/4.0 Chrome/140.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/465.0.0.54.83;]",
            f"{WEBVIEW} Version/4.0 Chrome/140.0 Mobile Safari/537.36 [Pinterest/Android]",
            f"{IPHONE} Mobile/15E148 WhatsApp/2.25.10",
            f"{IPHONE} Mobile/15E148 Bluesky/1.99",
            f"{IPHONE} Mobile/15E148 [LinkedInApp]/9.30",
            f"{IPHONE} Mobile/15E148 musical_ly_38.5.0 JsSdk/2.0 BytedanceWebview/d8a21c6",
            f"{IPHONE} Mobile/15E148 Snapchat/13.2 (like Safari/8620.1, panda)",
            f"{MAC} {CHROME} Electron/30 Safari/537.36 AppleSilicon Sonic Slack_SSB/4.38.125",
            # names that hold what programs are told by
            f"Mozilla/5.0 (Linux; Android 14; CUBOT KINGKONG STAR Build/UP1A) {CHROME} Mobile Safari/537.36",
            f"Mozilla/5.0 (Linux; Android 10; CUBOT_X18_Plus) {CHROME} Mobile Safari/537.36",
            f"{IPHONE} Version/18.5 Mobile/15E148 Safari/604.1 (Ecosia ios@11.0.2.2268)",
            f"Mozilla/5.0 (Linux; Android 9; KFKAWI) {GECKO} Silk/134.1.82 like Chrome/134.0 Safari/537.36",
            f"Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) {GECKO} NF/6.0.2.20.5 NintendoBrowser/5.1",
        ],
    )
    def test_people_are_told(self, agent: str) -> None:
        assert not read_agent(agent).is_bot

    def test_all_patterns_are_those_of_the_list(self) -> None:
        """The compiled patterns find what the package's own search finds."""
        own = [crawleruseragents.is_crawler(agent) for agent in programs()]
        ours = [read_agent(agent).is_bot for agent in programs()]
        assert sum(own) - sum(ours) <= 2  # patterns of people


def test_the_scores_on_what_packages_ship_are_at_least_these() -> None:
    """Measured with crawler-user-agents 1.67 and fake-useragent 2.2: 0.999, 0.959, 0, 0.999, 0.983, 1."""
    scores = score()
    assert scores["bots"] > 2_000
    assert scores["people"] > 800
    assert scores["bots_recall"] >= 0.995
    assert scores["bots_recall_without_list"] >= 0.93
    assert scores["people_false_positives"] <= 0.005
    assert scores["device_agreement"] >= 0.99
    assert scores["browser_agreement"] >= 0.97
    assert scores["os_agreement"] >= 0.99


class TestDevice:
    @pytest.mark.parametrize(
        ("device", "agent"),
        [
            ("desktop", FIREFOX),
            ("desktop", f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36"),
            ("desktop", f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME} Safari/537.36"),
            (
                "desktop",
                "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; Tablet PC 2.0; rv:11.0) like Gecko",
            ),
            ("desktop", "Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.18"),
            ("mobile", f"{IPHONE} Version/18.5 Mobile/15E148 Safari/604.1"),
            ("mobile", f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36"),
            ("mobile", "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"),
            ("mobile", f"{WEBVIEW} Version/4.0 Chrome/140.0 Mobile Safari/537.36 [Pinterest/Android]"),
            ("mobile", "Mozilla/5.0 (Mobile; Nokia 8110 4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5"),
            (
                "mobile",
                "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80 (S60; SymbOS; U; en) Presto/2.5.25 Version/10.54",
            ),
            (
                "tablet",
                "Mozilla/5.0 (iPad; CPU OS 16_3 like Mac OS X) AppleWebKit/605.1.15 Version/16.3",
            ),
            ("tablet", f"Mozilla/5.0 (Linux; Android 13; SM-X906C) {CHROME} Safari/537.36"),
            ("tablet", "Mozilla/5.0 (Android 14; Tablet; rv:140.0) Gecko/140.0 Firefox/140.0"),
            ("tablet", f"Mozilla/5.0 (Linux; Android 9; KFKAWI) {CHROME} Silk/134.1 Safari/537.36"),
            (
                "tablet",
                f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3.1 Mobile/15E148 Safari/604.1",
            ),
            (
                "tv",
                "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 76.0.3809.146/6.0 TV Safari",
            ),
            ("tv", f"Mozilla/5.0 (Web0S; Linux/SmartTV) {CHROME} Safari/537.36 WebAppManager"),
            ("tv", f"Mozilla/5.0 (Linux; Android 9; AFTMM Build/PS7233; wv) {CHROME} Mobile Safari/537.36"),
            ("tv", f"Mozilla/5.0 (Linux; Android 10; BRAVIA 4K VH2) {CHROME} Safari/537.36"),
            (
                "console",
                "Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 Version/13.0 Safari/605",
            ),
            (
                "console",
                f"Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox Series X) {CHROME} Edge/20.02",
            ),
            (
                "other",
                "Mozilla/5.0 (Linux; Android 12; Quest 3) OculusBrowser/33.0 Chrome/126 VR Safari/537.36",
            ),
            ("other", f"Mozilla/5.0 (X11; GNU/Linux) {CHROME} Tesla QtCarBrowser Safari/601.1"),
            ("other", "Mozilla/5.0 Firefox/140.0"),
        ],
    )
    def test_devices_are_told(self, device: str, agent: str) -> None:
        assert (read_agent(agent).is_bot, read_agent(agent).device) == (False, device)

    def test_there_are_no_others(self) -> None:
        devices = {read_agent(label.user_agent).device for label in browsers()}
        assert devices <= {"desktop", "mobile", "tablet", "tv", "console", "other"}


class TestFamilies:
    @pytest.mark.parametrize(
        ("agent", "browser", "system"),
        [
            (f"{IPHONE} Version/18.5 Mobile/15E148 Safari/604.1", "Mobile Safari", "iOS"),
            (
                f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/140.0",
                "Edge",
                "Windows",
            ),
            ("Mozilla/5.0 (Windows NT 10.0)", "unknown", "Windows"),
            ("Mozilla/5.0 Firefox/140.0", "Firefox", "unknown"),
        ],
    )
    def test_browser_and_system_are_told(self, agent: str, browser: str, system: str) -> None:
        told = read_agent(agent)
        assert (told.browser, told.os) == (browser, system)

    def test_a_family_that_is_too_long_is_other(self) -> None:
        told = read_agent(
            f"Mozilla/5.0 (Windows NT 10.0) {'Long' * 9}Browser/1.0 MyVeryOwn{'Long' * 9}App/2.0"
        )
        assert len(told.browser.encode()) <= MAX_FAMILY_BYTES


@pytest.mark.parametrize(
    ("sent", "country"),
    [
        ("CH", "CH"),
        ("ch", "CH"),
        ("XX", "XX"),
        *((bad, "unknown") for bad in ("", "C", "CHE", "T1", "\u00c9\u00c9")),
    ],
)
def test_a_country_is_two_letters(sent: str, country: str) -> None:
    assert person(country=sent).country == country


@pytest.mark.parametrize(
    ("sent", "referrer"),
    [
        (None, "direct"),
        ("", "direct"),
        ("example.org", "example.org"),
        ("WWW.Example.org", "example.org"),
        ("www.www.example.org", "www.example.org"),
        ("news.example.org.", "news.example.org"),
        ("localhost", "localhost"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("a" * MAX_REFERRER_BYTES, "a" * MAX_REFERRER_BYTES),
        ("www." + "a" * MAX_REFERRER_BYTES, "a" * MAX_REFERRER_BYTES),
        *(
            (bad, "other")
            for bad in (
                "a" * (MAX_REFERRER_BYTES + 1),
                "www.",
                "b\u00fccher.example",
                "a b",
                "a/b",
                "a:80",
                ".",
                "-a",
            )
        ),
    ],
)
def test_a_referrer_is_a_host(sent: str | None, referrer: str) -> None:
    assert person(referrer_host=sent).referrer == referrer


@pytest.mark.parametrize(
    ("sent", "language"),
    [
        ("de", "de"),
        ("de-CH", "de"),
        ("zh_Hant_TW", "zh"),
        ("EN-us", "en"),
        ("abcdefgh", "abcdefgh"),
        *((bad, "unknown") for bad in (None, "", "*", "d", "abcdefghi", "de;q=1", "d\u00e9", "12", " de")),
    ],
)
def test_a_language_is_its_primary_subtag(sent: str | None, language: str) -> None:
    assert person(language=sent).language == language


TEXT = st.none() | st.text() | st.sampled_from([FIREFOX, "other", "direct", "unknown"])


@UNTIMED
@given(TEXT, TEXT, TEXT, TEXT)
def test_whatever_is_sent_has_a_name_of_bounded_length(
    user_agent: str | None, country: str | None, referrer: str | None, language: str | None
) -> None:
    _check_bounds(classify(user_agent, country, referrer, language))


@UNTIMED
@given(
    st.lists(st.text(max_size=40) | st.sampled_from(["Firefox/1", "Chrome", "(Linux; Android 1;", "X/1.0"]))
)
def test_whatever_an_agent_is_put_together_from_has_names_of_bounded_length(parts: list[str]) -> None:
    _check_bounds(classify("Mozilla/5.0 " + " ".join(parts), "CH", None, None))


def _check_bounds(visitor: Visitor) -> None:
    assert visitor.is_bot or visitor.device in {"desktop", "mobile", "tablet", "tv", "console", "other"}
    for family in (visitor.browser, visitor.os):
        assert 1 <= len(family.encode()) <= MAX_FAMILY_BYTES
    assert 1 <= len(visitor.referrer.encode()) <= MAX_REFERRER_BYTES
    assert 2 <= len(visitor.language.encode()) <= 8
    assert len(visitor.country) == 2 or visitor.country == "unknown"


def test_an_agent_is_read_once() -> None:
    agent = f"{FIREFOX} once"
    before = read_agent.cache_info()
    for _ in range(3):
        person(user_agent=agent)
    after = read_agent.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 2)


def test_as_many_agents_as_anybody_sends_take_a_bounded_place() -> None:
    assert read_agent.cache_info().maxsize == 20_000
    before = read_agent.cache_info().misses
    for length in (512, 513, 5_000):  # only what the redirect lets through is looked at, and kept
        classify(FIREFOX.ljust(512, "x") + "y" * (length - 512), None, None, None)
    assert read_agent.cache_info().misses - before == 1


def test_nobody_else_waits_for_the_patterns() -> None:
    """The folder and the statistics start without the user-agent libraries."""
    program = (
        "import sys, json\n"
        "import analytics.domain.breakdowns, analytics.domain.statistics, analytics.domain.tallies\n"
        "print(json.dumps(sorted({'ua_parser', 'crawleruseragents'} & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
