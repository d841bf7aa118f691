"""The state survives whatever ends the emulator.

AWS
    Does not lose what it has acknowledged.
MiniStack
    Saves on SIGTERM only, service by service; DynamoDB stream records and sent mail never.
Here
    A snapshot of everything, as of one moment, follows about half a second after a change (see
    `local_aws.state`). A service that cannot be restored stops the start; MiniStack would go on without it.
"""

import asyncio
import logging
import os
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import persistence
from ministack.services import lambda_svc

from local_aws.patching import Patch, targets_in
from local_aws.state import content
from local_aws.state.capture import Writer, fork_writer
from local_aws.state.code_blobs import CodeBlobs
from local_aws.state.keeper import Keeper
from local_aws.state.owner import own
from local_aws.state.store import SnapshotStore

logger = logging.getLogger("local-aws")

SHORTEST_SECONDS = 0.5
CANNOT_RESTORE = 3


def _restorer(current: Path | None, blobs: CodeBlobs, keeper: Keeper) -> Any:
    def load_persisted_state() -> None:
        try:
            if current:
                persistence.STATE_DIR = str(current)
                content.restore()
                blobs.prune()
        except Exception:
            logger.critical("The state in %s cannot be restored", current, exc_info=True)
            # The server would go on without its start-up and serve an empty AWS, then save that.
            os._exit(CANNOT_RESTORE)
        keeper.start(asyncio.get_running_loop())

    return load_persisted_state


def _noticing(serve: Any, keeper: Keeper) -> Any:
    async def serve_and_touch(scope: dict[str, Any], receive: Any, send: Any) -> None:
        try:
            await serve(scope, receive, send)
        finally:
            if not scope.get("path", "/_ministack/").startswith("/_ministack/"):
                keeper.touch()

    return serve_and_touch


def apply() -> None:
    """Replace saving and loading, and notice every request."""
    state_dir = Path(os.environ["STATE_DIR"])
    owned = own(state_dir)
    store = SnapshotStore(state_dir / "snapshots")
    current = store.verified()
    store.clean()
    blobs = CodeBlobs(Path(lambda_svc.CODE_BLOB_DIR))

    def fork() -> Writer:
        with content.held_still():
            return fork_writer(store, content.files, keep_open=(owned,))

    keeper = Keeper(fork, SHORTEST_SECONDS, prepare=blobs.prepare)
    lambda_svc._write_code_blob = blobs.digest
    lambda_svc._prune_orphan_code_blobs = lambda _referenced: None
    app._load_persisted_state = _restorer(current, blobs, keeper)
    app.save_all = lambda _services: keeper.stop()
    app.app = _noticing(app.app, keeper)


PATCH = Patch(
    name="durable-state",
    targets=targets_in(
        "ministack.app",
        {
            "_load_persisted_state": "03de3b870e8f",
            "_build_persistence_save_dict": "9a6393cc953d",
            "_handle_lifespan": "0daf4cf135cf",
            "main": "aae886212adb",
        },
    )
    + targets_in(
        "ministack.core.persistence",
        {
            "save_all": "ea253a04fd05",
            "load_state": "1796603c91a1",
            "_json_default": "495d9abe01cb",
            "_json_object_hook": "645fe9676147",
        },
    )
    + targets_in(
        "ministack.services.lambda_svc",
        {
            "get_state": "fbae0860de48",
            "_restore_state": "29d435d6b656",
            "_write_code_blob": "69a68bb703da",
            "_prune_orphan_code_blobs": "9663ac4e986d",
        },
    )
    + targets_in(
        "ministack.services.dynamodb",
        {
            "get_state": "ce90690a6033",
            "_emit_stream_event": "8568d0446f26",
            "stream_records_since": "aed31a353fda",
            "_trim_stream_records": "43f62f181df0",
        },
    )
    + targets_in("ministack.services.sqs", {"get_state": "759c348b6e84"})
    + targets_in(
        "ministack.services.ses", {"get_state": "69fba426ea65", "_sent_emails_list": "72df70a8c9cc"}
    ),
    apply=apply,
)
