"""What the documentation shows works when it is pasted: page by page, against the running product."""

import os
import shutil
import subprocess
from itertools import groupby
from pathlib import Path

import pytest

from tests.docs.commands import is_run, script, shown
from tests.docs.markdown import Block
from tests.support.stack import ROOT, Stack

PAGES = {page: list(blocks) for page, blocks in groupby(shown(), key=lambda block: block.page)}
RUN = {page: blocks for page, blocks in PAGES.items() if any(map(is_run, blocks))}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that looks like the repository, for a page to write into, and an empty home in it."""
    for path in ROOT.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "home").mkdir()
    return tmp_path


@pytest.mark.parametrize("page", sorted(RUN))
def test_the_commands_of_a_page_work(page: str, stack: Stack, folder: Path) -> None:
    bash = shutil.which("bash")
    assert bash
    ran = subprocess.run(
        [bash, "-c", _script(RUN[page], stack)],
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, f"{page}\n{ran.stdout}\n{ran.stderr}"


def _script(blocks: list[Block], stack: Stack) -> str:
    """Return the page's script, with the addresses of this product instead of the default ones."""
    return script(
        blocks,
        {"http://127.0.0.1:8080": stack.base_url, "http://127.0.0.1:4566": stack.outputs["awsEndpointUrl"]},
    )


def _environment(folder: Path) -> dict[str, str]:
    """Return a newcomer's environment: no credentials, no settings, an empty home."""
    kept = {
        name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "TERM", "UV_PYTHON"}
    }
    ports = {
        name: value for name, value in os.environ.items() if name.startswith("HOPCOUNT_") and "PORT" in name
    }
    return {**kept, **ports, "HOME": str(folder / "home"), "TMPDIR": str(folder / "home")}
