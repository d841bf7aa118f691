"""Serve the front door: `python -m hopcount_local.front_door`, configured by environment variables."""

import os

import uvicorn

from hopcount_local.front_door.app import build_app
from hopcount_local.front_door.settings import FrontDoorSettings


def main() -> None:
    """Serve until SIGTERM.

    There is no access log: paths carry codes, queries carry sign-in codes, and neither belongs in a file.
    """
    settings = FrontDoorSettings.from_environ(os.environ)
    uvicorn.run(
        build_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_keep_alive=60,
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
