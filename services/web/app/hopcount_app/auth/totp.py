"""What an authenticator app is given to begin with."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from hopcount_app.auth.service import TotpSetup

ISSUER = "Hopcount"


def totp_setup(email: str, secret: str) -> TotpSetup:
    """Return a secret, and the address that holds it for a QR code."""
    label = quote(f"{ISSUER}:{email}", safe="")
    return TotpSetup(secret, f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER})}")
