"""Flutter's side: patched where flet-web looks as expected, and refused where it does not."""

import json
import re
import shutil
from pathlib import Path

import pytest
from tools.build_app import engine
from tools.build_app.errors import AnchorError
from tools.build_app.patching import replace_once


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """What of flet-web's client is read, for a test to change."""
    for name in (*engine.FILES, *engine.CONTRACT, "flutter_bootstrap.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(engine.CLIENT / name, tmp_path / name)
    return tmp_path


def spoil(file: Path, anchor: bytes, replacement: bytes = b"") -> None:
    content = file.read_bytes()
    assert anchor in content
    file.write_bytes(content.replace(anchor, replacement))


def test_no_script_asks_another_host_for_rive(client: Path) -> None:
    files = engine.settle(engine.engine_files(client), "/app/_/engine-1/")
    assert b"cdn.jsdelivr.net" not in files["main.dart.js"]
    assert b'"/app/_/engine-1/rive/"' in files["main.dart.js"]
    assert b"$engine" not in b"".join(files.values())


def test_fonts_for_mathematics_are_not_loaded(client: Path) -> None:
    files = engine.engine_files(client)
    fonts = json.loads(files["assets/FontManifest.json"])
    assert [font["family"] for font in fonts] == ["MaterialIcons", "Roboto"]
    assert {f"assets/{font['fonts'][0]['asset']}" for font in fonts} <= set(files)


def test_one_build_is_offered(client: Path) -> None:
    (build,) = json.loads(engine.build_config(client))["builds"]
    assert build["mainJsPath"] in engine.FILES


@pytest.mark.parametrize(
    ("file", "anchor"),
    [
        ("main.dart.js", b"https://cdn.jsdelivr.net/npm/@rive-app"),
        ("assets/FontManifest.json", b"MaterialIcons"),
        *((file, anchor) for file, anchors in engine.CONTRACT.items() for anchor in anchors),
    ],
)
def test_a_file_that_was_changed_is_refused(client: Path, file: str, anchor: bytes) -> None:
    spoil(client / file, anchor)
    with pytest.raises(AnchorError, match=re.escape(file.rsplit("/", 1)[-1])):
        engine.engine_files(client)


def test_a_bootstrap_without_our_renderer_is_refused(client: Path) -> None:
    spoil(client / "flutter_bootstrap.js", b'"renderer":"canvaskit"', b'"renderer":"other"')
    with pytest.raises(AnchorError, match="flutter_bootstrap"):
        engine.build_config(client)


def test_an_anchor_that_is_there_twice_is_refused() -> None:
    assert replace_once(b"a-b", b"-", b"+", file="x") == b"a+b"
    with pytest.raises(AnchorError, match="x: '-' is there 2 times"):
        replace_once(b"-a-", b"-", b"+", file="x")
