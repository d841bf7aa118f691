"""Proving a password to Cognito without sending it: SRP-6a with Cognito's own key derivation."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

# Not `strftime`, which writes the names of the language that is set.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_KEY_NAME = b"Caldera Derived Key"
_KEY_BYTES = 16

N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
"""The 3072-bit prime of RFC 3526."""
G = 2


class SrpError(Exception):
    """What the other side sent cannot be part of a sign-in."""


class Srp:
    """One sign-in.

    Parameters
    ----------
    pool_id
        The user pool, for instance `eu-west-1_AbCdEf`.
    secret
        A random number that nobody else ever learns.
    """

    def __init__(self, pool_id: str, secret: int | None = None) -> None:
        self._pool = pool_id.partition("_")[2]
        self._a = secret or secrets.randbits(1024) | 1 << 1023
        self._big_a = pow(G, self._a, N)

    def opening(self, username: str) -> dict[str, str]:
        """Return the `AuthParameters` that begin it."""
        return {"USERNAME": username, "SRP_A": format(self._big_a, "x")}

    def answer(self, challenge: Mapping[str, str], password: str, now: datetime) -> dict[str, str]:
        """Return the `ChallengeResponses` to a `PASSWORD_VERIFIER` challenge.

        Raises
        ------
        SrpError
            If the challenge would give the password away, or is none.
        """
        try:
            user, block = challenge["USER_ID_FOR_SRP"], challenge["SECRET_BLOCK"]
            key = self.key(user, password, int(challenge["SRP_B"], 16), int(challenge["SALT"], 16))
            secret = base64.b64decode(block, validate=True)
        except (KeyError, ValueError):
            raise SrpError("the challenge cannot be read") from None
        moment = timestamp(now)
        proof = hmac.digest(key, self._pool.encode() + user.encode() + secret + moment.encode(), "sha256")
        return {
            "USERNAME": user,
            "TIMESTAMP": moment,
            "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(proof).decode(),
        }

    def key(self, user: str, password: str, big_b: int, salt: int) -> bytes:
        """Return the key that both sides then have, if the password is right."""
        if big_b % N == 0:
            raise SrpError("the challenge is forged")
        u = _hash(_bytes(self._big_a), _bytes(big_b))
        if u == 0:
            raise SrpError("the challenge is forged")
        x = private_key(self._pool, user, password, salt)
        shared = pow(big_b - K * pow(G, x, N), self._a + u * x, N)
        extracted = hmac.digest(_bytes(u), _bytes(shared), "sha256")
        return hmac.digest(extracted, _KEY_NAME + b"\x01", "sha256")[:_KEY_BYTES]


def private_key(pool: str, user: str, password: str, salt: int) -> int:
    """Return what SRP calls x; `pool` is what follows `_` in the pool's id."""
    inner = hashlib.sha256(f"{pool}{user}:{password}".encode()).digest()
    return _hash(_bytes(salt), inner)


def timestamp(now: datetime) -> str:
    """Write a moment as Cognito wants it, for instance `Mon Nov 2 09:05:03 UTC 2026`."""
    utc = now.astimezone(UTC)
    return f"{_DAYS[utc.weekday()]} {_MONTHS[utc.month - 1]} {utc.day} {utc:%H:%M:%S} UTC {utc.year}"


def _bytes(number: int) -> bytes:
    """Write a number as Java does: as short as can be, with a zero where it would be negative otherwise."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hash(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


K = _hash(_bytes(N), _bytes(G))
