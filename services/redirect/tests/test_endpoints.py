"""Services are looked for where botocore looks for them."""

import botocore.session
import pytest
from botocore.loaders import create_loader
from hypothesis import given
from hypothesis import strategies as st

from redirect.aws.client import DYNAMODB, EVENTS, SQS, Service
from redirect.aws.endpoints import find_endpoint, find_region, parse_url
from redirect.aws.errors import AwsError

BOTOCORE_NAMES = {DYNAMODB: "dynamodb", EVENTS: "events", SQS: "sqs"}
LOADER = create_loader()
"""Keeps what it read, which takes most of the time."""

SERVICES = pytest.mark.parametrize("service", BOTOCORE_NAMES, ids=lambda service: service.name)


def by_botocore(service: Service, region: str) -> str:
    """Return where botocore would connect to, given this process's environment."""
    session = botocore.session.Session()
    session.register_component("data_loader", LOADER)
    session.set_credentials("key", "secret")
    return str(session.create_client(BOTOCORE_NAMES[service], region_name=region).meta.endpoint_url)


def by_us(service: Service, region: str, **environ: str) -> str:
    endpoint = find_endpoint(service.name, service.variable, region, environ)
    return f"{'https' if endpoint.tls else 'http'}://{endpoint.host_header}{endpoint.path}"


@SERVICES
@pytest.mark.parametrize(
    "region",
    [
        "us-east-1", "us-west-2", "eu-central-1", "eu-central-2", "ap-southeast-7", "mx-central-1",
        "il-central-1", "cn-north-1", "cn-northwest-1", "us-gov-west-1", "us-gov-east-1", "eusc-de-east-1",
        "us-iso-east-1", "us-isob-east-1", "us-isof-south-1", "eu-isoe-west-1",
    ],
)  # fmt: skip
def test_every_partition_has_its_domain(service: Service, region: str) -> None:
    assert by_us(service, region) == by_botocore(service, region).rstrip("/") + "/"


@SERVICES
@pytest.mark.parametrize(
    "environ",
    [
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"},
        {"AWS_ENDPOINT_URL": "https://aws.example:8443/prefix"},
        {"AWS_ENDPOINT_URL": "https://aws.example:443"},
        {"AWS_ENDPOINT_URL_DYNAMODB": "http://dynamodb.test:8000"},
        {"AWS_ENDPOINT_URL_EVENTBRIDGE": "http://events.test", "AWS_ENDPOINT_URL": "http://all.test"},
        {"AWS_ENDPOINT_URL_SQS": "http://sqs.test", "AWS_ENDPOINT_URL": ""},
        {"AWS_ENDPOINT_URL": "http://all.test", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
        {"AWS_ENDPOINT_URL": "http://all.test", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE"},
        {"AWS_ENDPOINT_URL": "http://all.test", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"},
    ],
    ids=str,
)
def test_the_standard_variables_say_where(
    service: Service, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    expected = by_botocore(service, "us-east-1").replace(":443", "").rstrip("/")
    assert by_us(service, "us-east-1", **environ).rstrip("/") == expected


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "path", "header"),
    [
        ("http://localhost", "localhost", 80, False, "/", "localhost"),
        ("https://A.Example", "a.example", 443, True, "/", "a.example"),
        ("http://a:443/x", "a", 443, False, "/x", "a:443"),
        ("https://a:80", "a", 80, True, "/", "a:80"),
        ("http://[::1]:8080/a/b", "::1", 8080, False, "/a/b", "[::1]:8080"),
        ("http://[::1]", "::1", 80, False, "/", "[::1]"),
        ("http://127.0.0.1:9001/creds?id=7", "127.0.0.1", 9001, False, "/creds?id=7", "127.0.0.1:9001"),
    ],
)
def test_an_address_is_read(url: str, host: str, port: int, tls: bool, path: str, header: str) -> None:
    endpoint = parse_url(url)
    read = (endpoint.host, endpoint.port, endpoint.tls, endpoint.path, endpoint.host_header)
    assert read == (host, port, tls, path, header)


@pytest.mark.parametrize(
    "url",
    [
        "", "localhost", "localhost:80", "//localhost", "ftp://localhost", "http:/localhost", "http://",
        "http://:80", "http:///path", "http://user:secret@host", "http://host:port", "http://host:-1",
        "http://host:0", "http://host:65536", "http://host:99999999999", "http://host:80:80", "http://::1",
        "http://[::1", "http://[]", "http://[::1]80", "http://host/a b", "http://host/\r\nX: y", "http://host/é",
        "http://host?x", "http://host/#part", "http://ho\x00st", "http://host:²",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(AwsError):
        parse_url(url)


@given(st.text(max_size=30) | st.from_regex(r"https?://[\[\]a-z0-9:@.-]{0,12}(/[ -~]{0,5})?", fullmatch=True))
def test_whatever_is_given_is_read_or_refused(text: str) -> None:
    try:
        endpoint = parse_url(text)
    except AwsError:
        return
    assert endpoint.host
    assert 0 < endpoint.port < 65536
    assert endpoint.path.startswith("/")
    assert f"{endpoint.host_header}{endpoint.path}".isprintable()
    assert " " not in endpoint.host_header + endpoint.path


@pytest.mark.parametrize("path", ["/a%20b", "/a?b", "/a//b", "/./a", "/../a", "/a/..", "/a+b", "/a:b"])
def test_a_path_that_would_be_signed_differently_is_refused(path: str) -> None:
    with pytest.raises(AwsError, match="plain"):
        by_us(SQS, "us-east-1", AWS_ENDPOINT_URL=f"http://host{path}")


def test_the_region() -> None:
    assert find_region({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}) == "eu-west-1"
    assert find_region({"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-east-1"}) == "us-east-1"
    with pytest.raises(AwsError, match="AWS_REGION"):
        find_region({})
