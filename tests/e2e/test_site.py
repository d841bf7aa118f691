"""The built site as the front door sends it: encodings, caches, what a page may do."""

import json

import pytest

from tests.support.people import Visitor
from tests.support.stack import ROOT, Stack

MANIFEST = json.loads((ROOT / "build" / "site" / "manifest.json").read_text())


@pytest.mark.parametrize("path", sorted(MANIFEST["files"]))
def test_each_file_is_sent_as_the_manifest_says(visitor: Visitor, path: str) -> None:
    file = MANIFEST["files"][path]
    address = f"/{path.removesuffix('index.html')}"
    for encoding, variant in file["encodings"].items():
        answer = visitor.http.head(address, headers={"Accept-Encoding": encoding})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == file["contentType"]
        assert answer.headers["cache-control"] == file["cacheControl"]
        assert answer.headers.get("content-encoding", "identity") == encoding
        assert int(answer.headers["content-length"]) == variant["bytes"]


def test_what_the_app_may_do_is_little(visitor: Visitor, stack: Stack) -> None:
    policy = visitor.http.get("/app/links/abc").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert rules["worker-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert rules["connect-src"].split() == ["'self'", stack.outputs["awsEndpointUrl"]]
