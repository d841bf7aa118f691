"""What of a backup is restored in which way.

Most items are put into their tables as they are. Not so:

- *heads* and *witnesses*, which say how far the counting has come: in the end, all in one transaction;
- *journal entries*, which must not be put twice: after those, in transactions that note that they were;
- `change` of a link, which would publish what was done to it once more;
- `totalLinks` of a user, which is made the number of their links in the backup.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from analytics.counting.counters import WITNESS
from analytics.counting.ledger_items import HEADS
from hopcount_cli.ops.backup_files import Backup, Item, Part
from hopcount_cli.ops.backup_tables import DAYS, LEDGER, LINKS, USERS

RESTORE = "restore"
"""The partition of the ledger where a restore notes how far it is."""

_JOURNAL = "journal#"
_DELETED = "deleted#"


@dataclass
class Content:
    """What was found in a backup while it was checked.

    Parameters
    ----------
    heads, witnesses, journal
        The items that are restored in the end.
    links
        How many live links each user has.
    """

    heads: list[Item] = field(default_factory=list)
    witnesses: list[Item] = field(default_factory=list)
    journal: list[Item] = field(default_factory=list)
    links: Counter[str] = field(default_factory=Counter)

    @classmethod
    def check(cls, backup: Backup, each_part: Callable[[Part], None]) -> "Content":
        """Read a whole backup and check every part of it.

        Raises
        ------
        hopcount_cli.errors.CommandError
            If a part is missing or damaged.
        """
        content = cls()
        for part in backup.manifest.parts:
            backup.check(part)
            for item in backup.read(part):
                content._take(part.table, item)
            each_part(part)
        content.journal.sort(key=lambda item: (item["pk"]["S"], item["sk"]["S"]))
        return content

    def _take(self, table: str, item: Item) -> None:
        if table == LEDGER and item["pk"]["S"] == HEADS:
            self.heads.append(item)
        elif table == LEDGER and item["pk"]["S"].startswith(_JOURNAL):
            self.journal.append(item)
        elif table == DAYS and item["shortCode"]["S"] == WITNESS:
            self.witnesses.append(item)
        elif table == LINKS and "userId" in item and "erasedAt" not in item:
            owner = item["userId"]["S"]
            if not owner.startswith(_DELETED):
                self.links[owner] += 1

    def plain(self, backup: Backup, part: Part) -> Iterator[Item]:
        """Yield the items of a part that are put as they are, or nearly."""
        for item in backup.read(part):
            if not _comes_later(part.table, item):
                yield self._adjust(part.table, item)

    def _adjust(self, table: str, item: Item) -> Item:
        if table == LINKS and "change" in item:
            return {**item, "change": {"S": "counted"}}
        if table == USERS and "erasedAt" not in item:
            return {**item, "totalLinks": {"N": str(self.links[item["userId"]["S"]])}}
        return item


def _comes_later(table: str, item: Item) -> bool:
    if table == LEDGER:
        partition = item["pk"]["S"]
        return partition in {HEADS, RESTORE} or partition.startswith(_JOURNAL)
    return table == DAYS and bool(item["shortCode"]["S"] == WITNESS)
