"""Files compressed ahead, each once per checkout: compressed content is kept by what it is made of."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brotli

from tools.build_app.paths import CACHE

QUICK = 9
BEST = 10
"""Of brotli. For what libraries bring, 9 takes a processor 12 s and 10 takes 70, once per checkout, for a
tenth of their bytes; 11 takes 130 for a thirtieth more. Our own code changes with every edit."""

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

    def packed() -> bytes:
        return brotli.compress(content, quality=quality, lgwin=24)  # type: ignore[no-any-return]

    made = {
        "br": _kept(cache / f"{key}.{quality}.br", packed),
        "gzip": _kept(cache / f"{key}.gz", lambda: gzip.compress(content, 9, mtime=0)),
    }
    return {name: encoded for name, encoded in made.items() if len(encoded) < len(content)}


def encode_all(files: Mapping[str, bytes], are_kept: Callable[[str], bool]) -> dict[str, dict[str, bytes]]:
    """Return the encodings of each file that can be compressed; as many at a time as there are processors.

    Parameters
    ----------
    files
        Contents by path.
    are_kept
        Tells whether what is at a path seldom changes, and so is worth the best compression.
    """
    paths = [path for path in files if is_compressible(path)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        made = pool.map(lambda path: encode(files[path], BEST if are_kept(path) else QUICK), paths)
        return dict(zip(paths, made, strict=True))


def _kept(path: Path, make: Callable[[], bytes]) -> bytes:
    if path.exists():
        return path.read_bytes()
    content = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(content)
    partial.replace(path)
    return content
