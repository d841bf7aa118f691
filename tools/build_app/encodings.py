"""Files compressed ahead, each once per machine: compressed content is kept by what it is made of."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brotli

from tools.build_app.paths import CACHE

QUICK = 9
BEST = 11
"""Of brotli. The best takes minutes for the engine and saves a tenth of its bytes."""

_COMPRESSIBLE = frozenset(
    {
        ".css",
        ".frag",
        ".html",
        ".ico",
        ".js",
        ".json",
        ".mjs",
        ".otf",
        ".svg",
        ".ttf",
        ".txt",
        ".wasm",
        ".zip",
        "",
    }
)
_WORTH_IT = 256
"""Bytes below which compressing gains less than its headers cost."""


def is_compressible(path: str) -> bool:
    """Tell whether a file of this name is not compressed already."""
    return Path(path).suffix in _COMPRESSIBLE


def encode(content: bytes, quality: int, cache: Path = CACHE / "encoded") -> dict[str, bytes]:
    """Return the content by its `Content-Encoding`, where that is smaller."""
    if len(content) < _WORTH_IT:
        return {}
    key = hashlib.sha256(content).hexdigest()[:32]
    made = {
        "br": _kept(
            cache / f"{key}.{quality}.br", lambda: brotli.compress(content, quality=quality, lgwin=24)
        ),
        "gzip": _kept(cache / f"{key}.gz", lambda: gzip.compress(content, 9, mtime=0)),
    }
    return {name: encoded for name, encoded in made.items() if len(encoded) < len(content)}


def encode_all(contents: Iterable[bytes], quality: int) -> list[dict[str, bytes]]:
    """Return what `encode` returns for each; as many at a time as there are processors."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda content: encode(content, quality), contents))


def _kept(path: Path, make: Callable[[], bytes]) -> bytes:
    if path.exists():
        return path.read_bytes()
    content = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(content)
    partial.replace(path)
    return content
