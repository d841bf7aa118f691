"""The built folder: every file sent right, named by its content, the same from the same sources."""

import gzip
import json
import threading
from pathlib import Path

import brotli
import pytest
from tools.build_app import archive, site, wheels
from tools.build_app.__main__ import one_at_a_time
from tools.build_app.errors import WheelError

FILES = {"index.html": b"<p>x</p>" * 200, "app/_/a-1.js": b"x", "app/assets/site.css": b"a{} " * 300}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    site.write(FILES, tmp_path / "site", "inputs")
    return tmp_path / "site"


def test_the_manifest_says_how_each_file_is_sent(built: Path) -> None:
    manifest = json.loads((built / "manifest.json").read_text())
    files = manifest["files"]
    assert set(files) == set(FILES)
    assert files["index.html"]["cacheControl"] == "no-cache"
    assert files["app/_/a-1.js"]["cacheControl"] == "public, max-age=31536000, immutable"
    assert files["app/assets/site.css"]["contentType"] == "text/css; charset=utf-8"
    assert "'wasm-unsafe-eval'" in manifest["appHeaders"]["Content-Security-Policy"]
    assert "unsafe-eval'" not in manifest["appHeaders"]["Content-Security-Policy"].replace(
        "'wasm-unsafe-eval'", ""
    )


def test_each_encoding_is_the_same_content(built: Path) -> None:
    files = json.loads((built / "manifest.json").read_text())["files"]
    page = {
        name: (built / kept["file"]).read_bytes() for name, kept in files["index.html"]["encodings"].items()
    }
    assert page["identity"] == brotli.decompress(page["br"]) == gzip.decompress(page["gzip"])
    assert {name: len(content) for name, content in page.items()} == {
        name: kept["bytes"] for name, kept in files["index.html"]["encodings"].items()
    }
    assert list(files["app/_/a-1.js"]["encodings"]) == ["identity"]


def test_a_build_leaves_nothing_of_the_one_before(built: Path) -> None:
    site.write({"index.html": b"new"}, built, "other")
    assert sorted(path.name for path in built.iterdir()) == ["index.html", "manifest.json"]


def test_a_build_waits_for_another_of_the_same_folder(tmp_path: Path) -> None:
    order: list[str] = []

    def build() -> None:
        with one_at_a_time(tmp_path / "site"):
            order.append("second")

    second = threading.Thread(target=build)
    with one_at_a_time(tmp_path / "site"):
        second.start()
        second.join(0.2)
        order.append("first")
    second.join(10)
    assert order == ["first", "second"]


def test_a_name_follows_the_content() -> None:
    assert site.named("app.zip", b"a") != site.named("app.zip", b"b")
    assert site.named("app.zip", b"a") == site.named("app.zip", b"a")
    assert site.digest({"a": b"1", "b": b"2"}) == site.digest({"b": b"2", "a": b"1"})
    assert site.digest({"a": b"1"}) != site.digest({"b": b"1"})


def test_an_archive_depends_on_its_files_alone() -> None:
    packed = archive.pack({"b.py": b"2", "a/c.py": b"1"})
    assert packed == archive.pack({"a/c.py": b"1", "b.py": b"2"})
    assert archive.unpack(packed) == {"a/c.py": b"1", "b.py": b"2"}


def test_the_app_takes_along_what_it_imports_and_nothing_that_asks_a_registry() -> None:
    sources = archive.app_sources()
    assert {"main.py", "hopcount_app/app.py"} <= set(sources)
    assert not {path for path in sources if path.endswith(("requirements.txt", "pyproject.toml"))}
    for path in sources:
        assert path == "main.py" or path.startswith(("hopcount_app/", "hopcount_cli/")), path


def test_a_wheel_that_is_not_the_locked_one_is_refused(tmp_path: Path) -> None:
    _, file, _ = wheels.locked("msgpack")
    (tmp_path / file).write_bytes(b"something else")
    with pytest.raises(WheelError, match="is not what"):
        wheels.browser_wheel("msgpack", tmp_path)
    assert not (tmp_path / file).exists()


def test_a_package_without_a_wheel_for_the_browser_is_refused() -> None:
    with pytest.raises(WheelError, match="no wheel of ruff"):
        wheels.locked("ruff")
