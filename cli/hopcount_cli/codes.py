"""Links as people name them: by their code, or by their whole short URL."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hopcount_cli.errors import UsageError

if TYPE_CHECKING:
    from hopcount_cli.api import Api

_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*|[0-9a-f]*:[0-9a-f:.]+")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")


def find_code(api: "Api", text: str) -> str:
    """Return the code of a link.

    A short URL of another host than the deployment's own is looked up: it may be one of its short domains,
    and must not become somebody else's code by mistake.

    Raises
    ------
    hopcount_cli.errors.UsageError
        If it can be no link, or is none of this deployment.
    """
    given = text.strip()
    if _CODE.fullmatch(given):
        return given
    url = given if "://" in given else f"https://{given}"
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    code = parts.path.removeprefix("/").removesuffix("/")
    if not _HOST.fullmatch(parts.hostname or "") or not _CODE.fullmatch(code):
        raise UsageError(f"{text!r} is neither a code nor a short URL")
    if parts.netloc == urlsplit(api.base_url).netloc:
        return code
    short = urlsplit(str(api.link(code)["shortUrl"]))
    if (parts.netloc, parts.path.rstrip("/")) != (short.netloc, short.path):
        raise UsageError(f"{text} is no short URL of {api.base_url}")
    return code
