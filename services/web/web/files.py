"""The files that are answered as they are: the OpenAPI document, the page, and what the page loads.

`page/` lies in this package. `built/` is filled when the package is built (`custom.packageFiles` in
serverless.yml): the document from docs/, the others from npm as package-lock.json pins them.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_HERE = Path(__file__).parent
_DOCUMENT = Path("built", "openapi.json")
_PAGE = Path("page", "docs.html")
_JAVASCRIPT = "text/javascript; charset=utf-8"
_ASSETS: Mapping[str, tuple[Path, str]] = {
    "docs.css": (Path("page", "docs.css"), "text/css; charset=utf-8"),
    "docs.js": (Path("page", "docs.js"), _JAVASCRIPT),
    "swagger-ui.css": (Path("built", "swagger-ui.css"), "text/css; charset=utf-8"),
    "swagger-ui-bundle.js": (Path("built", "swagger-ui-bundle.js"), _JAVASCRIPT),
    "swagger-ui-licence.txt": (Path("built", "swagger-ui-licence.txt"), "text/plain; charset=utf-8"),
}


class File(BaseModel):
    """A file to answer with.

    Parameters
    ----------
    text
        What is in it.
    content_type
        Of what kind it is.
    etag
        Its entity tag. A weak one: the bytes differ by how they are compressed on the way.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    content_type: str
    etag: str


class Files:
    """Reads each file once.

    Parameters
    ----------
    root
        The folder that holds `page` and `built`.
    """

    def __init__(self, root: Path = _HERE) -> None:
        self._root = root
        self._read = cache(self._read_file)

    def document(self) -> File:
        """Return the OpenAPI document."""
        return self._read(_DOCUMENT, "application/json")

    def page(self) -> File:
        """Return the page that shows it."""
        return self._read(_PAGE, "text/html; charset=utf-8")

    def asset(self, name: str) -> File | None:
        """Return something that the page loads, or None if it loads no such thing."""
        found = _ASSETS.get(name)
        return self._read(*found) if found else None

    def scopes(self) -> list[str]:
        """Return every scope that an API token can have, as the document names them."""
        paths = json.loads(self.document().text)["paths"].values()
        ways = [way for path in paths for operation in path.values() for way in operation["security"]]
        return sorted({scope for way in ways for scopes in way.values() for scope in scopes})

    def _read_file(self, path: Path, content_type: str) -> File:
        content = (self._root / path).read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:32]
        return File(text=content.decode(), content_type=content_type, etag=f'W/"{digest}"')
