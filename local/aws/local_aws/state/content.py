"""What belongs in a snapshot: every service's own state, and what the services forget to save."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from ministack import app
from ministack.core import persistence
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import cloudwatch_logs, dynamodb, lambda_svc, ses, sqs

State = dict[str, Any]

# Records that every mapping has read stay readable for a while, as on AWS, but a day of them in each snapshot
# would make it grow with every click.
READ_RECORDS_KEPT = 1_000
LOCK_SECONDS = 0.2


@contextlib.contextmanager
def held_still() -> Iterator[None]:
    """Hold the locks under which background threads move messages, records and positions.

    Raises
    ------
    TimeoutError
        If one is not free soon; the caller tries again later rather than stopping the emulator.
    """
    locks = (
        sqs._queues_lock,
        dynamodb._lock,
        lambda_svc._dynamodb_stream_positions_lock,
        cloudwatch_logs._log_events_lock,
    )
    with contextlib.ExitStack() as stack:
        for lock in locks:
            if not lock.acquire(timeout=LOCK_SECONDS):
                raise TimeoutError("a service is busy")
            stack.callback(lock.release)
        yield


def _oldest_unread(account: str, region: str, table_name: str, end: int) -> int:
    """Return the position of the first record that some mapping has still to read."""
    positions = [end]
    for mapping_account, mapping_region, mapping in lambda_svc._iter_all_esms():
        arn = mapping.get("EventSourceArn", "")
        if (mapping_account, mapping_region) == (account, region) and f":table/{table_name}/stream/" in arn:
            key = (account, region, mapping["UUID"])
            positions.append(lambda_svc._dynamodb_stream_positions._data.get(key, 0))
    return min(positions)


def stream_state() -> State:
    """Return the change records of every table's stream that may still be wanted."""
    records, trimmed = AccountRegionScopedDict(), AccountRegionScopedDict()
    for (account, region, table_name), kept in dynamodb._stream_records.all_items():
        start = dynamodb._stream_trimmed.get_scoped(account, region, table_name, 0)
        unread = _oldest_unread(account, region, table_name, start + len(kept)) - start
        first = max(0, min(unread, len(kept) - READ_RECORDS_KEPT))
        records.set_scoped(account, region, table_name, kept[first:])
        trimmed.set_scoped(account, region, table_name, start + first)
    return {"records": records, "trimmed": trimmed, "sequence": dynamodb._stream_seq_counter}


def restore_streams(state: State) -> None:
    """Put change records back, so that the saved reading positions point at what they pointed at."""
    dynamodb._stream_records.update(state["records"])
    dynamodb._stream_trimmed.update(state["trimmed"])
    dynamodb._stream_seq_counter = state["sequence"]


def mail_state() -> State:
    """Return the mail that was sent, confirmation codes among it."""
    return {"sent": ses._sent_emails}


def restore_mail(state: State) -> None:
    """Put sent mail back."""
    ses._sent_emails.update(state["sent"])


# Name in the snapshot: how to save it and how to put it back. Not names of services of the emulator.
EXTRAS: dict[str, tuple[Callable[[], State], Callable[[State], None]]] = {
    "extra-dynamodb-streams": (stream_state, restore_streams),
    "extra-ses-mail": (mail_state, restore_mail),
}


def files() -> dict[str, bytes]:
    """Return the whole state as named files; meant for the forked copy."""
    collected: dict[str, bytes] = {}
    for name, get_state in app._build_persistence_save_dict().items():
        state = get_state()
        # None is a module that could not be imported; an empty state has nothing to restore.
        if state:
            collected[name] = encoded(name, state)
    for name, (get_state, _restore) in EXTRAS.items():
        collected[name] = encoded(name, get_state())
    return collected


def encoded(name: str, state: State) -> bytes:
    """Return the state in the form that the emulator's own loader reads."""
    version = persistence._state_format_version(name)
    wrapped = {"__ministack_format__": version, "payload": state}
    return json.dumps(wrapped, default=persistence._json_default).encode()


def restore() -> None:
    """Load every service from the folder that `persistence.STATE_DIR` names.

    The services come first: stream positions belong to mappings, and records to tables.
    """
    for name, module_name in app._state_map.items():
        if data := persistence.load_state(name):
            app._get_module(module_name).load_persisted_state(data)
    for name, (_get_state, restore_extra) in EXTRAS.items():
        if data := persistence.load_state(name):
            restore_extra(data)
