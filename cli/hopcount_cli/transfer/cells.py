"""Single values as shorteners write them: times, numbers, short URLs."""

import re
from datetime import UTC, datetime
from urllib.parse import unquote

_SEPARATORS = re.compile(r"(?<=\d)[,'_\u00a0\u202f ](?=\d{3}(\D|$))")
_NO_TEXT = re.compile("[\ud800-\udfff]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def parse_text(value: object) -> str:
    """Return a value as text without blanks around it.

    Raises
    ------
    ValueError
        If it holds bytes that are no text, or is no single value.
    """
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        raise ValueError("it holds a list where a text belongs")  # noqa: TRY004  # one kind of bad value
    text = str(value).strip()
    if _NO_TEXT.search(text):
        raise ValueError("it holds bytes that are no UTF-8 text")
    return text


def parse_moment(value: object) -> datetime | None:
    """Return a time in UTC; one that names no zone is taken as UTC; nothing stands for no time.

    Understands ISO 8601 with its variants, and seconds or milliseconds since 1970.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    text = parse_text(value)
    if not text or text.lower() in {"null", "none", "\\n", "0000-00-00 00:00:00", "never", "-"}:
        return None
    try:
        if re.fullmatch(r"\d{9,10}(\.\d+)?|\d{12,13}", text):
            number = float(text)
            return datetime.fromtimestamp(number / 1000 if number >= 1e11 else number, UTC)
        moment = datetime.fromisoformat(text.removesuffix(" UTC"))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError("it is no time") from None


def parse_count(value: object) -> int:
    """Return a number of clicks, 0 if nothing is said; `1,234` and `1 234` are understood.

    Raises
    ------
    ValueError
        If it is no whole number, or below 0.
    """
    if isinstance(value, bool):
        raise ValueError("it is no number")  # noqa: TRY004  # one kind of bad value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = parse_text(value)
    if not text or text.lower() in {"null", "\\n", "-"}:
        return 0
    number = int(_SEPARATORS.sub("", text)) if text.isascii() or "\u00a0" in text or "\u202f" in text else -1
    if number < 0:
        raise ValueError("it is no number of clicks")
    return number


def split_short_url(value: object) -> tuple[str | None, str | None]:
    """Return the domain and the code of a short URL, with or without `https://`, as far as they are there."""
    text = str(value or "").strip()
    rest = _SCHEME.sub("", text, count=1)
    address = re.split(r"[?#]", rest, maxsplit=1)[0]
    domain, _, path = address.partition("/")
    return domain.lower() or None, unquote(path.strip("/")) or None


def parse_code(value: object) -> str | None:
    """Return a code as it stands in a column of its own, without the slashes that some write around it."""
    return str(value if value is not None else "").strip().strip("/") or None


def is_true(value: object) -> bool:
    """Say whether a flag is set, as JSON and as databases write it."""
    return str(value).strip().lower() in {"true", "t", "1", "yes", "y", "on"}


def is_protected(password: object) -> bool:
    """Say whether a link has a password: what stands there is one, its hash, or a flag."""
    text = str(password if password is not None else "").strip().lower()
    return text not in {"", "false", "f", "0", "no", "null", "none", "\\n"}
