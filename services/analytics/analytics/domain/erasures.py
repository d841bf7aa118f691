"""What is to be forgotten."""

from typing import Literal, NamedTuple


class Erasure(NamedTuple):
    """What is to be forgotten: a link's statistics or a user's total."""

    kind: Literal["link", "user"]
    id: str
