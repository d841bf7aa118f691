"""Signature Version 4 for one shape of request: POST of a JSON body, without a query.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

from _hashlib import hmac_digest, hmac_new, openssl_sha256
from time import gmtime

from redirect.aws.credentials import Credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _hashlib import HMAC


# A copy of a hash spares OpenSSL the search for the algorithm, which takes longer than the hashing.
_SHA256 = openssl_sha256()


class Signer:
    """Makes the headers of signed requests to one service.

    Parameters
    ----------
    service
        As it is signed for, for instance `dynamodb`.
    region
        AWS region.
    host
        The `Host` header.
    path
        The path of every request, as it is sent.
    content_type
        The content type of every request.
    """

    def __init__(self, service: str, region: str, host: str, path: str, content_type: str) -> None:
        self._scope = f"{region}/{service}/aws4_request"
        self._region = region.encode()
        self._service = service.encode()
        self._start = f"POST\n{path}\n\ncontent-type:{content_type}\nhost:{host}\nx-amz-date:"
        self._key_for: tuple[str, str] | None = None
        self._keyed = hmac_new(b"", digestmod="sha256")

    def sign(self, target: str, body: bytes, credentials: Credentials, epoch: float) -> str:
        """Return the header lines that sign a request, each with its line end.

        Parameters
        ----------
        target
            The `X-Amz-Target` header.
        body
            The request's body.
        credentials
            Who asks.
        epoch
            AWS's time, in seconds since 1970.
        """
        # Not by strftime, which looks for the local time zone each time.
        moment = "{:04}{:02}{:02}T{:02}{:02}{:02}Z".format(*gmtime(epoch)[:6])
        day = moment[:8]
        token = credentials.token
        token_line = f"x-amz-security-token:{token}\n" if token else ""
        token_name = "x-amz-security-token;" if token else ""
        names = f"content-type;host;x-amz-date;{token_name}x-amz-target"
        request = f"{self._start}{moment}\n{token_line}x-amz-target:{target}\n\n{names}\n{_hash(body)}"
        scope = f"{day}/{self._scope}"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{_hash(request.encode())}"
        keyed = self._signing_key(credentials.secret_key, day).copy()
        keyed.update(text.encode())
        return (
            f"X-Amz-Date: {moment}\r\n"
            + (f"X-Amz-Security-Token: {token}\r\n" if token else "")
            + f"Authorization: AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={keyed.hexdigest()}\r\n"
        )

    def _signing_key(self, secret: str, day: str) -> HMAC:
        if self._key_for != (secret, day):
            key = hmac_digest(f"AWS4{secret}".encode(), day.encode(), "sha256")
            for part in (self._region, self._service, b"aws4_request"):
                key = hmac_digest(key, part, "sha256")
            self._keyed, self._key_for = hmac_new(key, digestmod="sha256"), (secret, day)
        return self._keyed


def _hash(data: bytes) -> str:
    hashed = _SHA256.copy()
    hashed.update(data)
    return hashed.hexdigest()
