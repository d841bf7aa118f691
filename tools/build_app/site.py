"""The site as a whole: every file by its path, how long it may be kept, and how it is sent."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from string import Template
from typing import Any

from tools.build_app import archive, encodings, engine, python_runtime
from tools.build_app.byte_code import compiled
from tools.build_app.paths import LOADER, PAGES, WEB

KEPT_FOR_EVER = "app/_/"
"""Below it every path carries a digest of the content: what is there never changes."""
_LIBRARIES = (f"{KEPT_FOR_EVER}engine-", f"{KEPT_FOR_EVER}python-")
MANIFEST = "manifest.json"
"""What the built folder holds, for whoever serves or uploads it. Not part of the site."""

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".frag": "text/plain; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".otf": "font/otf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
    "": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class Addresses:
    """Where the app's parts are served, as paths on the site's host."""

    engine: str
    python: str
    archive: str
    worker: str
    script: str
    style: str


def collect() -> dict[str, bytes]:
    """Return every file of the site, by its path below `/`.

    Raises
    ------
    BuildError
        Something that is needed is missing or is not as expected.
    """
    site = {
        path.relative_to(PAGES).as_posix(): path.read_bytes()
        for path in sorted(PAGES.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
    client, runtime = engine.engine_files(), python_runtime.runtime_files()
    app = archive.pack(compiled(archive.libraries()) | compiled(archive.app_sources()))
    addresses = Addresses(
        engine=f"/{KEPT_FOR_EVER}engine-{digest(client)}/",
        python=f"/{KEPT_FOR_EVER}python-{digest(runtime)}/",
        archive=named("app.zip", app),
        worker=named("worker.js", _loader("worker.js")),
        script=named("loader.js", _loader("loader.js")),
        style=named("loader.css", _loader("loader.css")),
    )
    below = {addresses.engine: engine.settle(client, addresses.engine), addresses.python: runtime}
    for folder, files in below.items():
        site |= {f"{folder[1:]}{path}": content for path, content in files.items()}
    site |= {
        addresses.archive[1:]: app,
        addresses.worker[1:]: _loader("worker.js"),
        addresses.script[1:]: _loader("loader.js"),
        addresses.style[1:]: _loader("loader.css"),
    }
    return site | {"app/index.html": _index(addresses)}


def write(site: Mapping[str, bytes], folder: Path, inputs: str) -> None:
    """Write the site with its encodings, and the manifest that tells how each file is sent."""
    rules = json.loads((WEB / "headers.json").read_text())
    encoded = encodings.encode_all(site, lambda path: path.startswith(_LIBRARIES))
    files: dict[str, Any] = {}
    unfinished = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    for path in sorted(site):
        variants = {"identity": site[path], **encoded.get(path, {})}
        files[path] = {
            "contentType": _TYPES[PurePosixPath(path).suffix],
            "cacheControl": rules["cacheControl"][_kind(path)],
            "etag": f'"{hashlib.sha256(site[path]).hexdigest()[:32]}"',
            "encodings": {
                name: {"file": path + _ENDINGS[name], "bytes": len(v)} for name, v in variants.items()
            },
        }
        for name, content in variants.items():
            target = unfinished / (path + _ENDINGS[name])
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    manifest = {
        "inputs": inputs,
        "headers": rules["headers"],
        "appHeaders": rules["appHeaders"],
        "files": files,
    }
    (unfinished / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)


_ENDINGS = {"identity": "", "br": ".br", "gzip": ".gz"}


def digest(files: Mapping[str, bytes]) -> str:
    """Return a short digest of files and their paths."""
    whole = hashlib.sha256()
    for path in sorted(files):
        whole.update(f"{path}\0{hashlib.sha256(files[path]).hexdigest()}\n".encode())
    return whole.hexdigest()[:16]


def named(name: str, content: bytes) -> str:
    """Return the address of a file that carries its digest in its name."""
    path = PurePosixPath(name)
    return f"/{KEPT_FOR_EVER}{path.stem}-{hashlib.sha256(content).hexdigest()[:16]}{path.suffix}"


def _loader(name: str) -> bytes:
    return (LOADER / name).read_bytes()


def _kind(path: str) -> str:
    if path.startswith(KEPT_FOR_EVER):
        return "immutable"
    return "page" if path.endswith(".html") else "file"


def _index(addresses: Addresses) -> bytes:
    values = vars(addresses) | {"builds": engine.build_config().replace('"', "&quot;")}
    return Template(_loader("index.html").decode()).substitute(values).encode()
