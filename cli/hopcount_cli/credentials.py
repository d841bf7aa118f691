"""Who asks: an API token, or somebody who signed in. What is remembered of them lies in one private file."""

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from hopcount_cli.errors import SessionError

_FILE = "credentials.json"
_VERSION = 1
_EARLY_SECONDS = 60
"""So long before it ends, a token is renewed: it has to last for the request."""


@dataclass(frozen=True)
class Account:
    """Somebody who signed in to a deployment.

    Parameters
    ----------
    base_url
        The deployment.
    email, user_id
        Who they are.
    cognito_endpoint, client_id
        Where their session is renewed.
    access_token, refresh_token
        What Cognito gave them.
    expires_at
        When the access token ends, in seconds since 1970.
    """

    base_url: str
    email: str
    user_id: str
    cognito_endpoint: str
    client_id: str
    access_token: str
    refresh_token: str
    expires_at: float


class Store:
    """The accounts that are remembered, one for each deployment.

    Parameters
    ----------
    folder
        Where the file is, or will be.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / _FILE

    @classmethod
    def find(cls) -> "Store":
        """Return the store of this user: in HOPCOUNT_CONFIG_DIR, or where the system keeps settings."""
        if chosen := os.environ.get("HOPCOUNT_CONFIG_DIR"):
            return cls(Path(chosen).expanduser())
        from platformdirs import user_config_path  # noqa: PLC0415

        return cls(user_config_path("hopcount", appauthor=False))

    @property
    def current(self) -> str | None:
        """Which deployment was signed in to last."""
        found = self._read().get("current")
        return found if isinstance(found, str) else None

    def get(self, base_url: str) -> Account | None:
        """Return who is signed in to a deployment."""
        found = self._read()["accounts"].get(base_url)
        return None if found is None else self._account(found)

    def put(self, account: Account) -> None:
        """Remember an account, and its deployment as the current one."""
        with self.locked():
            content = self._read()
            content["accounts"][account.base_url] = asdict(account)
            content["current"] = account.base_url
            self._write(content)

    def renew(self, account: Account) -> None:
        """Remember an account's new tokens; call it while the store is locked."""
        content = self._read()
        content["accounts"][account.base_url] = asdict(account)
        self._write(content)

    def forget(self, base_url: str) -> Account | None:
        """Forget who is signed in to a deployment; return who it was."""
        with self.locked():
            content = self._read()
            found = content["accounts"].pop(base_url, None)
            if found is None:
                return None
            if content.get("current") == base_url:
                content["current"] = next(iter(content["accounts"]), None)
            self._write(content)
        return self._account(found)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from writing."""
        self._make_folder()
        lock = os.open(self.folder / f"{_FILE}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(lock)
            yield
        finally:
            os.close(lock)

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {"version": _VERSION, "accounts": {}}
        except ValueError:
            content = None
        if not isinstance(content, dict) or not isinstance(content.get("accounts"), dict):
            raise self._unreadable()
        if content.get("version") != _VERSION:
            raise SessionError(
                f"{self.path} is of another version of hopcount: delete it, then hopcount login"
            )
        return content

    def _account(self, found: Any) -> Account:
        try:
            return Account(**{field.name: found[field.name] for field in fields(Account)})
        except (KeyError, TypeError):
            raise self._unreadable() from None

    def _unreadable(self) -> SessionError:
        return SessionError(f"{self.path} cannot be read: delete it, then hopcount login")

    def _make_folder(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.folder.stat().st_mode & 0o077:
            self.folder.chmod(0o700)

    def _write(self, content: dict[str, Any]) -> None:
        """Write all of the file or nothing: whoever reads meanwhile sees the old one."""
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=_FILE)  # it is 0600 from the beginning
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


class ApiToken:
    """A machine's token, from HOPCOUNT_TOKEN."""

    machine = True

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        """Return the token."""
        return self._token

    def renew(self, refused: str) -> str:  # noqa: ARG002
        """Refuse: nobody can renew it."""
        raise SessionError("HOPCOUNT_TOKEN is refused: it is unknown, expired or revoked")


Renewal = Callable[[Account], Account]
"""Gets new tokens for an account, by its refresh token."""


class SignedIn:
    """Somebody who is signed in. Their tokens are renewed by one process at a time.

    Parameters
    ----------
    store
        Where their account is remembered.
    account
        It.
    renewal
        Gets new tokens.
    clock
        The time, in seconds since 1970.
    """

    machine = False

    def __init__(self, store: Store, account: Account, renewal: Renewal, clock: Callable[[], float]) -> None:
        self._store = store
        self._account = account
        self._renewal = renewal
        self._clock = clock

    def token(self) -> str:
        """Return an access token that lasts a while."""
        if self._lasts(self._account):
            return self._account.access_token
        return self.renew(self._account.access_token)

    def renew(self, refused: str) -> str:
        """Return a new access token: the one that another process got meanwhile, or get one."""
        with self._store.locked():
            known = self._store.get(self._account.base_url)
            if known is None:
                raise SessionError(f"you signed out of {self._account.base_url}: hopcount login")
            if known.access_token == refused or not self._lasts(known):
                known = self._renewal(known)
                self._store.renew(known)
        self._account = known
        return known.access_token

    def _lasts(self, account: Account) -> bool:
        return account.expires_at - self._clock() > _EARLY_SECONDS


def with_tokens(account: Account, tokens: dict[str, Any], now: float) -> Account:
    """Return an account with what Cognito gave it now; a refresh token comes only if it changes."""
    return replace(
        account,
        access_token=tokens["AccessToken"],
        refresh_token=tokens.get("RefreshToken") or account.refresh_token,
        expires_at=now + float(tokens.get("ExpiresIn", 0)),
    )


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)
