"""The function as it is in AWS: its calls are encrypted, and its connections kept while it is frozen."""

import json
from pathlib import Path

import trustme
from services.redirect.tests.aws_server import ScriptedServer, answer, certified

from tests.runtime.function import Function, records, status, visit
from tests.support.aws_endpoint import link

ITEM = answer(json.dumps({"Item": link("abc1234")}).encode())
TAKEN = answer(b'{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}')
VISITS = 5


def test_connections_are_verified_and_kept(function: Function, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with ScriptedServer(ITEM, *[TAKEN] * VISITS, tls=certified(authority)) as server:
        environment = {"AWS_ENDPOINT_URL": server.url, "AWS_CA_BUNDLE": str(tmp_path / "ca.pem")}
        with function.sandbox(environment=environment, freeze=True) as sandbox:
            for _ in range(VISITS):
                assert status(sandbox.invoke(visit("abc1234"))) == 301
            sandbox.wait_idle()
            assert records(sandbox, "click not published") == []
        assert server.connections == 2, "one to read, one to publish"
    operations = [request.headers["x-amz-target"].partition(".")[2] for request in server.requests]
    assert operations == ["GetItem", *["PutEvents"] * VISITS]


def test_nobody_else_is_believed(function: Function) -> None:
    with ScriptedServer(ITEM, tls=certified(trustme.CA())) as server:
        with function.sandbox(environment={"AWS_ENDPOINT_URL": server.url}) as sandbox:
            assert status(sandbox.invoke(visit("abc1234"))) == 503
        assert server.requests == []
