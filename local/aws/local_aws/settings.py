"""What the launcher takes from the environment, validated once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# A Lambda function inherits the emulator's environment: nothing of the developer's own may leak into it
# (profiles, keys, proxies), so only what a process needs to run at all is passed on.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class SettingsError(ValueError):
    """The environment does not say how to start."""


@dataclass(frozen=True)
class Settings:
    """How one local AWS is started.

    Parameters
    ----------
    port
        TCP port on the loopback interface.
    state_dir
        Folder which keeps everything that must survive; one emulator at a time may own it.
    log_level
        Level of the emulator's own log, on standard error.
    without
        Patches to leave out. For the tests that prove each patch is needed.
    """

    port: int
    state_dir: Path
    log_level: str = "INFO"
    without: frozenset[str] = frozenset()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings, or raise `SettingsError` naming the variable that is wrong."""
        port = environment.get("HOPCOUNT_AWS_PORT", "4566")
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise SettingsError(f"HOPCOUNT_AWS_PORT must be a port number, not {port!r}")
        state_dir = environment.get("HOPCOUNT_AWS_STATE_DIR")
        if not state_dir:
            raise SettingsError("HOPCOUNT_AWS_STATE_DIR must name the folder that keeps the state")
        level = environment.get("HOPCOUNT_AWS_LOG_LEVEL", "INFO").upper()
        if level not in LOG_LEVELS:
            raise SettingsError(
                f"HOPCOUNT_AWS_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, not {level!r}"
            )
        without = frozenset(filter(None, environment.get("LOCAL_AWS_WITHOUT", "").split(",")))
        return cls(port=int(port), state_dir=Path(state_dir).resolve(), log_level=level, without=without)


def emulator_environment(settings: Settings, current: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of the emulator process, and so of its Lambda functions."""
    state = settings.state_dir
    return {
        **{name: current[name] for name in INHERITED if name in current},
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(settings.port),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": settings.log_level,
        "MINISTACK_REGION": "us-east-1",
        "PERSIST_STATE": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "S3_PERSIST": "1",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(state),
        "TMPDIR": str(state / "tmp"),
    }


def apply_to_process(settings: Settings) -> None:
    """Make `emulator_environment` this process's environment; MiniStack reads it when imported."""
    wanted = emulator_environment(settings, os.environ)
    os.environ.clear()
    os.environ.update(wanted)
