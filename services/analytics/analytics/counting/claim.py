"""Claim and journal: what a consumer does with the clicks of one batch.

One transaction claims a click and journals what it counts, so a click is journalled if and only if it is
claimed. Whoever finds a click claimed may forget it: it will be counted. No answer is needed to be sure,
either: a transaction whose answer got lost is tried again, and then finds its own claims.

    clicks ──► by block ──► transactions of at most 95 blocks ──┬─► journalled
                                  ▲                             ├─► claimed before: drop those, claim the rest
                                  └─────── jittered wait ◄──────┴─► busy: others write the same blocks
"""

import enum
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from analytics.counting.journal import BLOCK_SIZE, MAX_BYTES, Block, Entry
from analytics.counting.patience import Patience
from analytics.counting.ports import AlreadyClaimedError, BusyError, ClaimLedger
from analytics.domain.clicks import Click
from analytics.domain.erasures import Erasure
from analytics.domain.tallies import tally

MAX_BLOCKS = 95
"""Blocks per transaction: with an entry for each of up to five shards they are the 100 items one may have."""

MAX_SHARDS = 5


class Outcome(enum.Enum):
    """What became of a click."""

    JOURNALLED = "journalled"
    """It is claimed and journalled now, and will be counted."""
    DUPLICATE = "duplicate"
    """It was journalled before, maybe by ourselves."""
    POSTPONED = "postponed"
    """Nobody knows yet: it was busy until the time was up."""


SETTLED = frozenset({Outcome.JOURNALLED, Outcome.DUPLICATE})
"""Outcomes after which a click's message is done with."""


@dataclass
class ClaimReport:
    """What became of a batch.

    Parameters
    ----------
    outcomes
        By the position of the click in the batch.
    conflicts
        How often a transaction had to be tried again.
    """

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    conflicts: int = 0


_ClickKey = tuple[str, int]
_Chunk = dict[_ClickKey, Click]


def shard_of(short_code: str, shards: int) -> int:
    """Return which shard counts a link."""
    return zlib.crc32(short_code.encode()) % shards


def claim_clicks(
    clicks: Sequence[Click], ledger: ClaimLedger, shards: int, patience: Patience
) -> ClaimReport:
    """Claim and journal clicks, and say of each what became of it.

    Parameters
    ----------
    clicks
        A batch, in any order, maybe with duplicates.
    ledger
        Where they are claimed.
    shards
        How many shards there are, 1 to 5.
    patience
        The time there is. A click that it does not suffice for is postponed.
    """
    positions: dict[_ClickKey, list[int]] = defaultdict(list)
    waiting: _Chunk = {}
    for position, click in enumerate(clicks):
        key = (click.producer, click.sequence)
        positions[key].append(position)
        waiting.setdefault(key, click)
    settled: dict[_ClickKey, Outcome] = {}
    report = ClaimReport()
    chunks, tries = list(_chunks(waiting)), 0
    while chunks and patience.time_left() > 0:
        if tries:
            report.conflicts += len(chunks)
            patience.pause(tries - 1)
        chunks = [left for chunk in chunks if (left := _try(chunk, ledger, shards, settled, patience))]
        tries += 1
    for key, where in positions.items():
        first, *repeated = where
        report.outcomes[first] = settled.get(key, Outcome.POSTPONED)
        for position in repeated:
            report.outcomes[position] = Outcome.DUPLICATE if key in settled else Outcome.POSTPONED
    return report


def journal_erasures(
    erasures: Iterable[Erasure], ledger: ClaimLedger, shards: int, patience: Patience
) -> None:
    """Journal what is to be forgotten. Nothing is claimed: to forget twice is to forget.

    Raises
    ------
    BusyError
        If the time does not suffice.
    """
    by_shard: dict[int, set[Erasure]] = defaultdict(set)
    for erasure in erasures:
        by_shard[shard_of(erasure.id, shards)].add(erasure)
    entries = {shard: Entry(erasures=frozenset(some)).to_bytes() for shard, some in by_shard.items()}
    if entries:
        patience.insist(lambda: ledger.claim({}, entries))


def _try(
    chunk: _Chunk,
    ledger: ClaimLedger,
    shards: int,
    settled: dict[_ClickKey, Outcome],
    patience: Patience,
) -> _Chunk:
    """Try one transaction, and again without what is claimed already; return what is left to be tried."""
    while chunk and patience.time_left() > 0:
        entries = _entries(chunk, shards)
        if len(chunk) > 1 and any(len(stored) > MAX_BYTES for stored in entries.values()):
            left: _Chunk = {}
            for half in _halves(chunk):
                left |= _try(half, ledger, shards, settled, patience)
            return left
        try:
            ledger.claim(_blocks(chunk), entries)
        except AlreadyClaimedError as error:
            taken = {key for key in chunk if key[1] in error.taken.get(_block_of(key), ())}
            if not taken:
                return chunk
            settled.update(dict.fromkeys(taken, Outcome.DUPLICATE))
            chunk = {key: click for key, click in chunk.items() if key not in taken}
        except BusyError:
            return chunk
        else:
            settled.update(dict.fromkeys(chunk, Outcome.JOURNALLED))
            return {}
    return chunk


def _block_of(key: _ClickKey) -> Block:
    producer, sequence = key
    return Block(producer, sequence // BLOCK_SIZE)


def _blocks(chunk: _Chunk) -> Mapping[Block, frozenset[int]]:
    blocks: dict[Block, set[int]] = defaultdict(set)
    for key in chunk:
        blocks[_block_of(key)].add(key[1])
    return {block: frozenset(sequences) for block, sequences in blocks.items()}


def _entries(chunk: _Chunk, shards: int) -> Mapping[int, bytes]:
    by_shard: dict[int, list[Click]] = defaultdict(list)
    for click in chunk.values():
        by_shard[shard_of(click.short_code, shards)].append(click)
    return {shard: Entry(counts=tally(clicks)).to_bytes() for shard, clicks in by_shard.items()}


def _chunks(clicks: _Chunk) -> Iterator[_Chunk]:
    """Split a batch so that each part fits one transaction.

    In the order of the blocks: consumers whose batches share many then write them one behind the other, where
    in the order of arrival nearly every transaction would meet nearly every other.
    """
    by_block: dict[Block, _Chunk] = defaultdict(dict)
    for key, click in clicks.items():
        by_block[_block_of(key)][key] = click
    blocks = [by_block[block] for block in sorted(by_block)]
    for start in range(0, len(blocks), MAX_BLOCKS):
        yield {key: click for block in blocks[start : start + MAX_BLOCKS] for key, click in block.items()}


def _halves(chunk: _Chunk) -> tuple[_Chunk, _Chunk]:
    items = list(chunk.items())
    middle = len(items) // 2
    return dict(items[:middle]), dict(items[middle:])
