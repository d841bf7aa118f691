from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hopcount_local.errors import LocalError
from hopcount_local.files import fingerprint, only_one, read_json, tail, write_json


def tree(root: Path) -> str:
    return fingerprint([root / "services", root / "uv.lock", root / "absent"], root=root, extra=["8080"])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "services" / "links" / "tests").mkdir(parents=True)
    (tmp_path / "services" / "links" / "app.py").write_text("a")
    (tmp_path / "uv.lock").write_text("lock")
    return tmp_path


@pytest.mark.parametrize(
    "path", ["services/links/app.py", "services/links/new.yml", "services/n/x.py", "uv.lock"]
)
def test_what_runs_changes_the_fingerprint(root: Path, path: str) -> None:
    before = tree(root)
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_text("b")
    assert tree(root) != before


@pytest.mark.parametrize(
    "path",
    [
        "services/links/tests/test_app.py",
        "services/links/README.md",
        "services/links/app.pyc",
        "services/links/.serverless/state.json",
        "services/links/__pycache__/app.py",
        "services/.DS_Store",
    ],
)
def test_what_does_not_run_changes_nothing(root: Path, path: str) -> None:
    before = tree(root)
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_text("b")
    assert tree(root) == before


def test_a_moved_file_changes_the_fingerprint(root: Path) -> None:
    before = tree(root)
    (root / "services" / "links" / "app.py").rename(root / "services" / "links" / "other.py")
    assert tree(root) != before


def test_further_text_changes_the_fingerprint(root: Path) -> None:
    assert fingerprint([], root=root, extra=["8080"]) != fingerprint([], root=root, extra=["8081"])


def test_json_is_its_owners_alone_and_replaced_at_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "outputs.json"
    write_json(path, {"a": 1})
    write_json(path, {"a": 2})
    assert read_json(path) == {"a": 2}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["outputs.json"]


@pytest.mark.parametrize("text", ["", "{", "[1]", "null"])
def test_what_is_no_object_is_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    assert read_json(tmp_path / "a.json") is None


def test_the_tail_of_a_log_is_indented(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("1\n2\n3\n")
    assert tail(tmp_path / "a.log", 2) == "    2\n    3"
    assert "empty" in tail(tmp_path / "b.log")


def test_two_commands_cannot_work_at_once(tmp_path: Path) -> None:
    with only_one(tmp_path / "lock"), pytest.raises(LocalError, match="Another"), only_one(tmp_path / "lock"):
        pytest.fail("both hold the lock")
    with only_one(tmp_path / "lock"):
        pass
