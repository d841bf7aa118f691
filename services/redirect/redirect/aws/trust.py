"""Whose certificates are believed.

AWS's own endpoints are signed by Amazon's roots. Reading those five takes a tenth of the time that reading
all the world's takes, and a cold start waits for it. `tests/test_trust.py` compares them with botocore's.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssl import SSLContext

AMAZON_ROOTS = f"{__file__.rpartition('/')[0]}/amazon_roots.pem"


def make_context(host: str, environ: Mapping[str, str]) -> SSLContext:
    """Return a context that verifies certificates and names; the same one for those who trust the same roots.

    Parameters
    ----------
    host
        Who is to be believed.
    environ
        Environment variables: `AWS_CA_BUNDLE` names other roots.
    """
    roots = environ.get("AWS_CA_BUNDLE") or (AMAZON_ROOTS if host.endswith(".amazonaws.com") else None)
    return _context(roots)


@cache
def _context(roots: str | None) -> SSLContext:
    import ssl  # noqa: PLC0415 milliseconds that an endpoint without TLS does not cost

    return ssl.create_default_context(cafile=roots)
