"""A client generated from the document works: it makes a link, lists it and reads its statistics."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.people import Creator
from tests.support.stack import ROOT, Stack

GENERATOR = "openapi-python-client==0.29.1"
"""Run apart from our own environment, whose other tools it would hold back."""

USE = """
import os
from hopcount_client import AuthenticatedClient
from hopcount_client.api.analytics import get_account_stats, get_link_stats
from hopcount_client.api.links import create_link, list_links
from hopcount_client.api.users import get_me
from hopcount_client.models import CreateLinkBody, LinkStats, LinkView, Problem

with AuthenticatedClient(base_url=os.environ["URL"], token=os.environ["TOKEN"]) as client:
    made = create_link.sync(client=client, body=CreateLinkBody(original_url="https://example.com/generated"))
    assert isinstance(made, LinkView), made
    listed = list_links.sync(client=client, limit=5)
    assert [link.id for link in listed.items] == [made.id], listed
    stats = get_link_stats.sync(made.id, client=client)
    assert isinstance(stats, LinkStats), stats
    assert (stats.id, stats.clicks, len(stats.series)) == (made.id, 0, 30), stats
    assert get_account_stats.sync(client=client).links == 1
    assert get_me.sync(client=client).user_id
    refused = create_link.sync(client=client, body=CreateLinkBody(original_url="nonsense"))
    assert isinstance(refused, Problem), refused
    assert [error.field for error in refused.errors] == ["originalUrl"], refused
"""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the package `hopcount_client`, generated from the committed document."""
    folder = tmp_path_factory.mktemp("client") / "hopcount_client"
    command = [ROOT / ".tools" / "bin" / "uv", "tool", "run", "--from", GENERATOR, "openapi-python-client"]
    command += [
        "generate",
        "--path",
        ROOT / "docs" / "openapi.json",
        "--meta",
        "none",
        "--output-path",
        folder,
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    # It leaves out what it does not understand, and says so.
    assert "WARNING" not in ran.stdout.upper(), ran.stdout
    return folder.parent


def test_it_makes_lists_and_reads(stack: Stack, generated: Path) -> None:
    creator = Creator.sign_up(stack)
    environment = {
        **os.environ,
        "PYTHONPATH": str(generated),
        "URL": stack.base_url,
        "TOKEN": creator.tokens.access_token,
    }
    command = [ROOT / ".tools" / "bin" / "uv", "tool", "run", "--from", GENERATOR, "python", "-c", USE]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
