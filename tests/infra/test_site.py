"""The bucket that the CDN will read: closed to everybody else, and filled with what the front door serves."""

import hashlib
import json
from typing import Any

import httpx
import pytest

from tests.support.stack import ROOT, STAGE, Stack
from tests.support.templates import Template, serverless

FILES: dict[str, Any] = json.loads((ROOT / "build" / "site" / "manifest.json").read_text())["files"]


@pytest.fixture(scope="module")
def bucket(stack: Stack) -> str:
    found = stack.client("ssm").get_parameter(Name=f"/hopcount/{STAGE}/web/site-bucket-name")
    return str(found["Parameter"]["Value"])


def keys(stack: Stack, bucket: str) -> set[str]:
    pages = stack.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {entry["Key"] for page in pages for entry in page.get("Contents", [])}


def test_the_bucket_is_closed_encrypted_and_by_tls_alone(templates: dict[str, Template]) -> None:
    bucket = templates["web"].resources("AWS::S3::Bucket")["SiteBucket"]
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    policy = templates["web"].resources("AWS::S3::BucketPolicy")["SiteBucketPolicy"]
    assert policy["Bucket"] == {"Ref": "SiteBucket"}
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2


def test_the_bucket_holds_what_the_front_door_serves(stack: Stack, bucket: str) -> None:
    s3 = stack.client("s3")
    with httpx.Client(base_url=stack.base_url) as door:
        for path, file in FILES.items():
            for encoding, variant in file["encodings"].items():
                address = f"/{path.removesuffix('index.html')}"
                with door.stream("GET", address, headers={"Accept-Encoding": encoding}) as served:
                    body = b"".join(served.iter_raw())
                kept = s3.get_object(Bucket=bucket, Key=variant["file"])
                assert digest(kept["Body"].read()) == digest(body), variant["file"]
                assert kept["ContentType"] == served.headers["content-type"]
                assert kept["CacheControl"] == served.headers["cache-control"]
                assert kept.get("ContentEncoding") == served.headers.get("content-encoding")


def test_a_release_removes_what_is_older_than_the_one_before(stack: Stack, bucket: str) -> None:
    s3 = stack.client("s3")
    record = json.loads(s3.get_object(Bucket=bucket, Key=".releases.json")["Body"].read())
    previous, older = "app/_/app-of-the-release-before.zip", "app/_/app-of-an-older-one.zip"
    for key in (previous, older):
        s3.put_object(Bucket=bucket, Key=key, Body=b"old")
    changed = {"current": [*record["current"], previous], "previous": [older]}
    s3.put_object(Bucket=bucket, Key=".releases.json", Body=json.dumps(changed).encode())
    serverless(stack, "web", "deploy", "--stage", STAGE)
    assert previous in keys(stack, bucket)
    assert older not in keys(stack, bucket)
    s3.put_object(Bucket=bucket, Key=".releases.json", Body=json.dumps(record).encode())
    s3.delete_object(Bucket=bucket, Key=previous)
    assert {variant["file"] for file in FILES.values() for variant in file["encodings"].values()} <= keys(
        stack, bucket
    )


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
