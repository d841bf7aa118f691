"""A backup as files: a folder of gzipped JSON Lines, and a manifest that makes it one.

    manifest.json               what it is, and of each part its items and SHA-256; written last
    <Table>-0001.jsonl.gz ...   a line for each item, {"Item": {...}}, in DynamoDB JSON, as S3 exports are

It is written as `<folder>.partial` and renamed when it is whole: so half of one is never taken for all of it.
"""

import base64
import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from hopcount_cli.errors import CommandError, UsageError

FORMAT = "hopcount-backup"
SCHEMA = 1
"""Raised with any change of the tables that an older program could not restore."""

ITEMS_PER_PART = 50_000
MANIFEST = "manifest.json"

Item = dict[str, Any]
"""An item as boto3's client has it."""


@dataclass(frozen=True)
class Part:
    """A file of a backup.

    Parameters
    ----------
    table
        The table, by the name that it has in every stage.
    file
        The file's name.
    items
        How many lines it has.
    sha256
        Of the file as it is, compressed.
    """

    table: str
    file: str
    items: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup is. Times are ISO 8601, UTC.

    Parameters
    ----------
    format, schema
        That it is one, and of which version.
    id
        Names it, and no other.
    stage, region
        Where it was made.
    began, ended
        When. Its counts are of a moment in between.
    replay_from
        From when on events may be missing in it: play the archive again from here.
    provable_since
        `clicksProvableSince` of the stage: its claims are no older.
    parts
        Its files.
    """

    format: str
    schema: int
    id: str
    stage: str
    region: str
    began: str
    ended: str
    replay_from: str
    provable_since: str
    parts: tuple[Part, ...]

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read what `to_json` wrote; raises one of many errors if nobody did."""
        content = json.loads(text)
        parts = tuple(Part(**part) for part in content.pop("parts"))
        replay_from, provable_since = content.pop("replayFrom"), content.pop("provableSince")
        return cls(**content, replay_from=replay_from, provable_since=provable_since, parts=parts)

    def to_json(self) -> str:
        """Write it as it is kept."""
        content = asdict(self)
        content["replayFrom"], content["provableSince"] = (
            content.pop("replay_from"),
            content.pop("provable_since"),
        )
        return json.dumps(content, indent=2)

    @property
    def items(self) -> dict[str, int]:
        """How many items there are of each table."""
        numbers: dict[str, int] = {}
        for part in self.parts:
            numbers[part.table] = numbers.get(part.table, 0) + part.items
        return numbers


class Workplace:
    """Where a backup is written until it is whole, for a `with` statement; what is not finished goes.

    Parameters
    ----------
    folder
        Where it is to be in the end: a folder that is not there, or empty.

    Raises
    ------
    UsageError
        If there is something.
    """

    def __init__(self, folder: Path) -> None:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(
                f"{folder}: there is something already; name a folder that is empty or not there"
            )
        self.folder = folder
        self.partial = folder.with_name(f"{folder.name}.partial")
        self._paused = self.partial / "consumer-is-paused"
        self.found_paused = self._paused.exists()
        if self.partial.exists() and any(not _is_ours(path) for path in self.partial.iterdir()):
            raise UsageError(f"{self.partial}: there is something that is no part of a backup; move it away")

    def __enter__(self) -> "Workplace":
        """Make it, instead of what a command that died has left of one."""
        shutil.rmtree(self.partial, ignore_errors=True)
        self.partial.mkdir(mode=0o700, parents=True)
        if self.found_paused:
            self.note_pause()
        return self

    def __exit__(self, *_: object) -> None:
        """Remove it, unless it was finished."""
        shutil.rmtree(self.partial, ignore_errors=True)

    def note_pause(self) -> None:
        """Note that we pause the consumer: should we die, the next backup to this folder ends the pause."""
        self._paused.touch()

    def forget_pause(self) -> None:
        """Note that the consumer goes on."""
        self._paused.unlink(missing_ok=True)

    def write(self, table: str, items: Iterable[Item]) -> list[Part]:
        """Write the items of a table, instead of any that were written before."""
        for old in self.partial.glob(f"{table}-*"):
            old.unlink()
        parts: list[Part] = []
        rest = iter(items)
        while part := self._write_part(table, len(parts) + 1, rest):
            parts.append(part)
        return parts

    def _write_part(self, table: str, number: int, items: Iterator[Item]) -> Part | None:
        path = self.partial / f"{table}-{number:04}.jsonl.gz"
        written = 0
        with _create(path) as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
            for item in items:
                line = json.dumps({"Item": _to_json(item)}, separators=(",", ":"), ensure_ascii=False)
                packed.write(line.encode() + b"\n")
                written += 1
                if written == ITEMS_PER_PART:
                    break
        if not written:
            path.unlink()
            return None
        return Part(table, path.name, written, _digest(path))

    def finish(self, manifest: Manifest) -> None:
        """Make it a backup: from here on it is one, whatever happens."""
        with _create(self.partial / MANIFEST) as file:
            file.write(manifest.to_json().encode() + b"\n")
        for path in self.partial.iterdir():
            _flush(path)
        _flush(self.partial)
        self.partial.rename(self.folder)


class Backup:
    """A backup that is there.

    Parameters
    ----------
    folder
        Where.

    Raises
    ------
    CommandError
        If it is none, or of another schema version.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        path = folder / MANIFEST
        if not path.is_file():
            raise CommandError(f"{folder} is no backup: it has no {MANIFEST}")
        try:
            self.manifest = Manifest.from_json(path.read_text(encoding="utf-8"))
        except (ValueError, TypeError, KeyError, AttributeError):
            raise CommandError(f"{path} is not the manifest of a backup that this version knows") from None
        if (self.manifest.format, self.manifest.schema) != (FORMAT, SCHEMA):
            raise CommandError(
                f"{folder} is of schema version {self.manifest.schema}, and this version restores {SCHEMA}: "
                "use the version of Hopcount that made it"
            )
        if any(Path(part.file).name != part.file for part in self.manifest.parts):
            raise CommandError(f"{path} names files outside of its folder")

    def check(self, part: Part) -> None:
        """Check that a part is what it was.

        Raises
        ------
        CommandError
            If it is not.
        """
        path = self._folder / part.file
        if not path.is_file():
            raise CommandError(f"{path} is missing: the backup is not whole")
        if _digest(path) != part.sha256:
            raise CommandError(f"{path} is damaged: its checksum is another")

    def read(self, part: Part) -> Iterator[Item]:
        """Yield the items of a part.

        Raises
        ------
        CommandError
            In the end, if they are not as many as they should be.
        """
        number = 0
        with gzip.open(self._folder / part.file, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield _from_json(json.loads(line)["Item"])
                number += 1
        if number != part.items:
            raise CommandError(f"{part.file} holds {number:,} items instead of {part.items:,}")


def _is_ours(path: Path) -> bool:
    return path.name in {MANIFEST, "consumer-is-paused"} or path.name.endswith(".jsonl.gz")


def _create(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _to_json(item: Mapping[str, Any]) -> Item:
    return {
        name: _convert(value, lambda binary: base64.b64encode(binary).decode())
        for name, value in item.items()
    }


def _from_json(item: Mapping[str, Any]) -> Item:
    return {name: _convert(value, base64.b64decode) for name, value in item.items()}


def _convert(value: Mapping[str, Any], binary: Any) -> dict[str, Any]:
    """Rewrite binaries, wherever they are in an attribute value: JSON has none."""
    ((kind, content),) = value.items()
    match kind:
        case "B":
            content = binary(content)
        case "BS":
            content = [binary(one) for one in content]
        case "L":
            content = [_convert(one, binary) for one in content]
        case "M":
            content = {name: _convert(one, binary) for name, one in content.items()}
    return {kind: content}
