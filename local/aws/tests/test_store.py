"""Snapshots: switched in one step, written only when something changed, refused when damaged."""

import os
from pathlib import Path

import pytest

from local_aws.state import store as store_module
from local_aws.state.owner import FolderInUseError, own
from local_aws.state.store import DamagedSnapshotError, SnapshotStore


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "snapshots")


def content(store: SnapshotStore) -> dict[str, bytes]:
    current = store.verified()
    assert current
    return {p.stem: p.read_bytes() for p in current.glob("*.json") if p.name != store_module.MANIFEST}


def test_an_empty_folder_has_no_snapshot(store: SnapshotStore) -> None:
    assert store.verified() is None


def test_the_newest_is_current_and_the_one_before_is_gone(store: SnapshotStore) -> None:
    for number in range(12):
        store.write({"sqs": str(number).encode()})
    assert content(store) == {"sqs": b"11"}
    assert [path.name for path in store.folder.iterdir()] == ["12"]


def test_nothing_is_written_when_nothing_changed(store: SnapshotStore) -> None:
    store.write({"sqs": b"1"})
    before = store.current()
    written = store.write({"sqs": b"1"})
    assert (written.changed, written.new_bytes, store.current()) == (False, 0, before)


def test_only_what_changed_is_written_again(store: SnapshotStore) -> None:
    store.write({"sqs": b"1", "dynamodb": b"many rows"})
    written = store.write({"sqs": b"2", "dynamodb": b"many rows"})
    assert (written.new_bytes, written.total_bytes) == (1, 10)
    assert content(store) == {"sqs": b"2", "dynamodb": b"many rows"}


def test_a_service_that_lost_its_state_leaves_the_snapshot(store: SnapshotStore) -> None:
    store.write({"sqs": b"1", "sns": b"1"})
    store.write({"sqs": b"1"})
    assert content(store) == {"sqs": b"1"}


@pytest.mark.parametrize("interrupted", ["_write_through", "_flush", "rename"])
def test_a_write_cut_short_leaves_the_snapshot_before(
    store: SnapshotStore, interrupted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write({"sqs": b"old"})

    def die(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        if interrupted == "rename":
            patched.setattr(Path, "rename", die)
        else:
            patched.setattr(store_module, interrupted, die)
        with pytest.raises(KeyboardInterrupt):
            store.write({"sqs": b"new", "sns": b"new"})
    assert any(path.name.startswith(store_module.TEMPORARY) for path in store.folder.iterdir())
    restarted = SnapshotStore(store.folder)
    assert content(restarted) == {"sqs": b"old"}
    restarted.clean()
    assert [path.name for path in store.folder.iterdir()] == ["1"]
    restarted.write({"sqs": b"newer"})
    assert content(restarted) == {"sqs": b"newer"}


def test_a_folder_under_a_temporary_name_is_never_current(store: SnapshotStore) -> None:
    torn = store.folder / f"{store_module.TEMPORARY}{os.getpid()}"
    torn.mkdir()
    (torn / "sqs.json").write_bytes(b"half a fi")
    assert store.verified() is None
    store.write({"sqs": b"whole"})
    assert content(store) == {"sqs": b"whole"}


@pytest.mark.parametrize("damage", ["change", "remove", "manifest"])
def test_a_damaged_snapshot_is_refused_by_name(store: SnapshotStore, damage: str) -> None:
    store.write({"sqs": b"1"})
    current = store.current()
    assert current
    if damage == "change":
        (current / "sqs.json").write_bytes(b"2")
    elif damage == "remove":
        (current / "sqs.json").unlink()
    else:
        (current / store_module.MANIFEST).write_bytes(b"{")
    with pytest.raises(DamagedSnapshotError, match=str(current)):
        store.verified()


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    held = own(tmp_path)
    with pytest.raises(FolderInUseError):
        own(tmp_path, longest=0.1)
    os.close(held)
    os.close(own(tmp_path, longest=0.1))
