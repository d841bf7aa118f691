"""Flutter's side: the prebuilt client of flet-web, without what the app never asks for, and patched."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import flet_web

from tools.build_app.errors import AnchorError
from tools.build_app.patching import replace_once, require_once

CLIENT = Path(flet_web.__file__).parent / "web"

FILES = (
    "flutter.js",
    "main.dart.js",
    "canvaskit/canvaskit.js",
    "canvaskit/canvaskit.wasm",
    "canvaskit/chromium/canvaskit.js",
    "canvaskit/chromium/canvaskit.wasm",
    "assets/AssetManifest.bin.json",
    "assets/FontManifest.json",
    "assets/NOTICES",
    "assets/fonts/MaterialIcons-Regular.otf",
    "assets/fonts/roboto.woff2",
    "assets/shaders/ink_sparkle.frag",
    "assets/shaders/stretch_effect.frag",
)
"""What browsers ask for; no symbols, no renderers that are not chosen, no players of other media."""

RENDERER = "canvaskit"

_RIVE = b"https://cdn.jsdelivr.net/npm/@rive-app/flutter-native-wasm@44.0.0/"
_RIVE_STUBS = ("rive/wasm/rive_native.js", "rive/wasm_compatibility/rive_native.js")
_FONTS = ("MaterialIcons",)
"""Families of the font manifest that the app draws with; Flutter loads each before its first frame."""

CONTRACT = {
    "python.js": (
        b"globalThis.jsConnect = async function (appId, args, dartOnMessage) {",
        b"globalThis.jsSend = async function (appId, data) {",
        b"globalThis.jsDisconnect = async function (appId) {",
        b"app.worker.postMessage(data, [data.buffer]);",
    ),
    "python-worker.js": (
        b'self.pyodide.registerJsModule("flet_js", flet_js);',
        b"flet_js.documentUrl = documentUrl;",
        b"await self.flet_js.start_connection(self.receiveCallback);",
        b"flet_js.send(event.data);",
        b"const bytes = message.toJs();",
    ),
}
"""What `services/web/loader` says in the place of these files; if they say something else, it must too."""


def engine_files(client: Path = CLIENT) -> dict[str, bytes]:
    """Return what is served of Flutter's side, by path below the engine's folder.

    Raises
    ------
    AnchorError
        flet-web was changed.
    """
    for file, anchors in CONTRACT.items():
        for anchor in anchors:
            require_once((client / file).read_bytes(), anchor, file=file)
    files = {path: (client / path).read_bytes() for path in FILES}
    files["assets/FontManifest.json"] = _fonts(files["assets/FontManifest.json"])
    files["main.dart.js"] = replace_once(
        files["main.dart.js"], _RIVE, b"$engine" + b"rive/", file="main.dart.js"
    )
    nothing = b"// The app shows no Rive animation: what would draw one never gets ready.\n"
    nothing += b"globalThis.RiveNative = () => new Promise(() => {});\n"
    return files | dict.fromkeys(_RIVE_STUBS, nothing)


def build_config(client: Path = CLIENT) -> str:
    """Return which of Flutter's builds are served, as its loader wants to be told (JSON).

    Raises
    ------
    AnchorError
        flet-web was changed.
    """
    bootstrap = (client / "flutter_bootstrap.js").read_text()
    found = re.search(r"_flutter\.buildConfig = (\{.*\});", bootstrap)
    config = json.loads(found[1]) if found else {}
    builds = [build for build in config.get("builds", ()) if build["renderer"] == RENDERER]
    if len(builds) != 1:
        raise AnchorError(f"flutter_bootstrap.js: no build for {RENDERER}. flet-web was changed.")
    return json.dumps({"engineRevision": config["engineRevision"], "builds": builds})


def settle(files: Mapping[str, bytes], folder: str) -> dict[str, bytes]:
    """Tell the files in which folder they are served, which is named by their content."""
    return {path: content.replace(b"$engine", folder.encode()) for path, content in files.items()}


def _fonts(manifest: bytes) -> bytes:
    families = [font for font in json.loads(manifest) if font["family"] in _FONTS]
    if len(families) != len(_FONTS):
        raise AnchorError(f"FontManifest.json: not all of {', '.join(_FONTS)}. flet-web was changed.")
    roboto = {"family": "Roboto", "fonts": [{"asset": "fonts/roboto.woff2"}]}
    return json.dumps([*families, roboto]).encode()
