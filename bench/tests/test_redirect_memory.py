"""What `make bench-memory` is made of, but for the function itself."""

import subprocess
from pathlib import Path

import pytest

from bench.prices import GB_SECOND
from bench.redirect import shares
from bench.redirect.memory import SIZES, Size, dollars, gb_seconds, peak_mb, report
from bench.redirect.shares import Share, UnavailableError, processors, share


def groups(folder: Path, monkeypatch: pytest.MonkeyPatch, quota: str) -> Path:
    """Return a folder that looks like the kernel's: a new folder in it has files at once."""
    mkdir = Path.mkdir

    def with_files(path: Path) -> None:
        mkdir(path)
        (path / quota).touch()

    monkeypatch.setattr(Path, "mkdir", with_files)
    monkeypatch.setattr(Path, "rmdir", lambda path: None)
    return folder


def test_a_share_is_a_part_of_each_period_of_version_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cpu").mkdir()
    with share("x", groups(tmp_path, monkeypatch, "cpu.cfs_quota_us")) as group:
        assert group.folder.parent == tmp_path / "cpu"
        group.limit(0.5)
        assert (group.folder / "cpu.cfs_period_us").read_text() == "20000"
        assert (group.folder / "cpu.cfs_quota_us").read_text() == "10000"
        group.limit(None)
        assert (group.folder / "cpu.cfs_quota_us").read_text() == "-1"


def test_a_share_is_a_part_of_each_period_of_version_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with share("x", groups(tmp_path, monkeypatch, "cpu.max")) as group:
        assert group.folder.parent == tmp_path
        group.limit(0.5)
        assert (group.folder / "cpu.max").read_text() == "10000 20000"
        group.limit(None)
        assert (group.folder / "cpu.max").read_text() == "max 20000"


def test_it_says_why_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        pytest.raises(UnavailableError, match="no processor quota"),
        share("x", groups(tmp_path, monkeypatch, "x")),
    ):
        pass
    with pytest.raises(UnavailableError, match="No such file"), share("x", tmp_path / "missing"):
        pass


def test_a_command_is_in_the_group_before_it_begins(tmp_path: Path) -> None:
    done = subprocess.run(
        Share(tmp_path).command(["/bin/sh", "-c", "echo $$ $1", "name", "two words"]),
        capture_output=True,
        text=True,
        check=True,
    )
    pid = (tmp_path / "cgroup.procs").read_text().strip()
    assert done.stdout.split() == [pid, "two", "words"]


def test_memory_decides_the_share() -> None:
    assert processors(1769) == 1
    assert processors(128) == pytest.approx(0.0724, abs=0.0001)
    assert all(processors(size) * shares.PERIOD_MICROSECONDS >= 1000 for size in SIZES)  # the kernel's least


def test_lambda_bills_whole_milliseconds() -> None:
    assert gb_seconds([0.1, 1.0, 1.1, 3.0], 1024) == pytest.approx(1750)
    assert dollars([1.0], 1024) == pytest.approx(1000 * GB_SECOND + 0.20)


def test_the_peak_is_read() -> None:
    assert peak_mb("Name:\tpython\nVmPeak:\t 9 kB\nVmHWM:\t   30720 kB\n") == 30


def test_a_size_becomes_a_line() -> None:
    size = Size(128, [80.0], [90.0], [1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [5.0], [8.0], [1.0], 30.0)
    figures = size.figures()
    assert figures["cold_p50_ms"] == 90
    assert figures["hit_p99_ms"] == 3
    assert figures["hit_gb_seconds"] == 625
    assert "| 128 MB | 90 ms          | 2.0 ms  |" in report([figures])
