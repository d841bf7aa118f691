"""Amazon's own roots for AWS, the world's for everybody else, or what AWS_CA_BUNDLE says."""

import re
import ssl
from pathlib import Path

import botocore
import pytest
import trustme

from redirect.aws.trust import AMAZON_ROOTS, make_context

NAMES = {
    "Amazon Root CA 1",
    "Amazon Root CA 2",
    "Amazon Root CA 3",
    "Amazon Root CA 4",
    "Starfield Services Root Certificate Authority - G2",
}
"""https://www.amazontrust.com/repository/"""


def roots(file: Path) -> dict[str, bytes]:
    """Return the certificates of a file by their common names."""
    found = {}
    for pem in re.findall(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", file.read_text(), re.S):
        der = ssl.PEM_cert_to_DER_cert(pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=der)
        [certificate] = context.get_ca_certs()
        subject = dict(pair for (pair,) in certificate["subject"])
        found[subject.get("commonName", "")] = der
    return found


def test_amazons_roots_are_those_that_botocore_trusts() -> None:
    theirs = roots(Path(botocore.__file__).with_name("cacert.pem"))
    assert roots(Path(AMAZON_ROOTS)) == {name: theirs[name] for name in NAMES}


def trusted(context: ssl.SSLContext) -> set[str]:
    certificates = context.get_ca_certs()
    return {dict(pair for (pair,) in given["subject"]).get("commonName", "") for given in certificates}


def test_only_amazon_is_trusted_for_aws() -> None:
    assert trusted(make_context("dynamodb.us-east-1.amazonaws.com", {})) == NAMES


@pytest.mark.parametrize("host", ["aws.example", "sqs.cn-north-1.amazonaws.com.cn", "amazonaws.com.example"])
def test_the_system_decides_for_others(host: str) -> None:
    assert trusted(make_context(host, {})) == trusted(ssl.create_default_context())


@pytest.mark.parametrize("host", ["aws.example", "dynamodb.us-east-1.amazonaws.com"])
def test_a_bundle_stands_for_all_of_them(host: str, tmp_path: Path) -> None:
    authority = trustme.CA(organization_name="Ours")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    [certificate] = make_context(host, {"AWS_CA_BUNDLE": str(tmp_path / "ca.pem")}).get_ca_certs()
    assert (("organizationName", "Ours"),) in certificate["subject"]


@pytest.mark.parametrize("host", ["aws.example", "dynamodb.us-east-1.amazonaws.com"])
def test_certificates_and_names_are_verified(host: str) -> None:
    context = make_context(host, {"AWS_CA_BUNDLE": ""})
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
