"""The links in a JSON export, one after another, without reading the whole of it into memory."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

_PIECE = 65_536
_LONGEST_ITEM = 1_000_000
_DECODER = json.JSONDecoder()


class BadJsonError(ValueError):
    """The text is no JSON from a line on.

    Parameters
    ----------
    line
        Which line.
    """

    def __init__(self, line: int) -> None:
        super().__init__("it is no JSON from here on")
        self.line = line


def json_items(text: TextIO, *paths: Sequence[str]) -> Iterator[tuple[int, Any]]:
    """Yield each link of an export, and the line on which it starts.

    The text may hold any number of values, one after another, as pages of an API are saved: a list is a list
    of links; an object is a page that holds links at one of the paths, as a list or by name, and a link
    itself if it has none of them.

    Parameters
    ----------
    text
        The export.
    paths
        Where in a page its links are, for instance `("shortUrls", "data")`.

    Raises
    ------
    BadJsonError
        Where the text stops being JSON; what was before has been yielded.
    """
    scanner = _Scanner(text)
    while scanner.peek():
        yield from _links(scanner, [tuple(path) for path in paths], is_link=True)


def _links(scanner: "_Scanner", paths: list[tuple[str, ...]], *, is_link: bool) -> Iterator[tuple[int, Any]]:
    """Yield the links of the value that comes next.

    Parameters
    ----------
    paths
        The ways from this value to its links; an empty one says that they are its elements.
    is_link
        Whether this value is a link itself if it is an object that none of the paths fits.
    """
    if scanner.peek() == "[":
        for _ in scanner.elements("[", "]"):
            scanner.peek()
            yield scanner.line, scanner.value()
    elif scanner.peek() == "{":
        line, rest, found = scanner.line, {}, False
        for _ in scanner.elements("{", "}"):
            name = scanner.name()
            further = [path[1:] for path in paths if path and path[0] == name]
            if () in paths:
                scanner.peek()
                yield scanner.line, scanner.value()
            elif further and scanner.peek() in {"[", "{"}:
                found = True
                yield from _links(scanner, further, is_link=False)
            else:
                rest[name] = scanner.value()
        if is_link and not found:
            yield line, rest
    else:
        value = scanner.value()
        if is_link:
            yield scanner.line, value


class _Scanner:
    """Reads JSON value by value; holds one piece of the text, or one value if that is longer."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._buffer = ""
        self._at = 0
        self.line = 1

    def peek(self) -> str:
        """Return the next character that is no blank; nothing at the end."""
        while True:
            while self._at < len(self._buffer):
                char = self._buffer[self._at]
                if char not in " \t\r\n\ufeff":
                    return char
                self.line += char == "\n"
                self._at += 1
            if not self._more():
                return ""

    def elements(self, opening: str, closing: str) -> Iterator[None]:
        """Step through a list or an object; whoever asks reads each element before going on."""
        self._take(opening)
        if self.peek() != closing:
            yield
            while self.peek() == ",":
                self._take(",")
                yield
        self._take(closing)

    def name(self) -> str:
        """Read the name of an object's member, and the colon."""
        self.peek()
        name = self.value()
        if not isinstance(name, str):
            raise BadJsonError(self.line)
        self._take(":")
        return name

    def value(self) -> Any:
        """Read a whole value."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError):
                if len(self._buffer) - self._at > _LONGEST_ITEM or not self._more():
                    raise BadJsonError(self.line) from None
                continue
            if end == len(self._buffer) and self._more():
                continue  # a number might go on
            self.line += self._buffer.count("\n", self._at, end)
            self._at = end
            return value

    def _take(self, char: str) -> None:
        if self.peek() != char:
            raise BadJsonError(self.line)
        self._at += 1

    def _more(self) -> bool:
        piece = self._text.read(_PIECE)
        self._buffer, self._at = self._buffer[self._at :] + piece, 0
        return bool(piece)
