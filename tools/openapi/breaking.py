"""Finds what would break a client that was written for an earlier document.

A client sends what it was told to send and reads what it was told to expect. So a request may not ask for
more than before, or allow less; an answer may not hold less than before, or something else in its place. More
in an answer (a field, a media type, a status that is an error) breaks nobody: the document says that clients
ignore what they do not know.

Two documents are compared as this service writes them: references, `anyOf`, `allOf`, arrays, objects.
"""

from collections.abc import Iterator
from typing import Any

from tools.openapi.schemas import Json

_LOWER = ("minimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")
_EQUAL = ("pattern", "format", "multipleOf", "uniqueItems", "const")
_DEEPEST = 20
"""How far schemas are followed that refer to themselves."""


def breaking_changes(old: Json, new: Json) -> list[str]:
    """Return what breaks, each in a line that says where; empty if nothing does."""
    return sorted(set(_Comparison(old, new).paths()))


class _Comparison:
    def __init__(self, old: Json, new: Json) -> None:
        self._old = old
        self._new = new

    def paths(self) -> Iterator[str]:
        for path, operations in self._old["paths"].items():
            for method, operation in operations.items():
                where = f"{method.upper()} {path}"
                now = self._new["paths"].get(path, {}).get(method)
                if now is None:
                    yield f"{where}: removed"
                else:
                    yield from self._operation(where, operation, now)

    def _operation(self, where: str, old: Json, new: Json) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield f"{where}: operationId changed, by which generated clients name it"
        yield from _security(where, old.get("security", []), new.get("security", []))
        yield from self._parameters(where, old.get("parameters", []), new.get("parameters", []))
        yield from self._body(where, old.get("requestBody"), new.get("requestBody"))
        for status, answer in old["responses"].items():
            if status in new["responses"]:
                yield from self._answer(f"{where} -> {status}", answer, new["responses"][status])
            elif int(status) < 400:
                yield f"{where} -> {status}: removed"

    def _parameters(self, where: str, old: list[Json], new: list[Json]) -> Iterator[str]:
        before = {(p["in"], p["name"].lower() if p["in"] == "header" else p["name"]): p for p in old}
        now = {(p["in"], p["name"].lower() if p["in"] == "header" else p["name"]): p for p in new}
        for key, parameter in before.items():
            at = f"{where}, {key[0]} parameter {key[1]}"
            if key not in now:
                yield f"{at}: removed"
            else:
                yield from self._request(at, parameter["schema"], now[key]["schema"])
        for key, parameter in now.items():
            if parameter.get("required") and not before.get(key, {}).get("required"):
                yield f"{where}, {key[0]} parameter {key[1]}: now required"

    def _body(self, where: str, old: Json | None, new: Json | None) -> Iterator[str]:
        where = f"{where}, body"
        if new is None:
            if old is not None:
                yield f"{where}: removed"
            return
        if new.get("required") and not (old or {}).get("required"):
            yield f"{where}: now required"
        for media, media_type in (old or {}).get("content", {}).items():
            if media not in new["content"]:
                yield f"{where}: {media} no longer taken"
            else:
                yield from self._request(where, media_type["schema"], new["content"][media]["schema"])

    def _answer(self, where: str, old: Json, new: Json) -> Iterator[str]:
        old, new = _resolve(self._old, old), _resolve(self._new, new)
        for name in old.get("headers", {}):
            if name not in new.get("headers", {}):
                yield f"{where}: header {name} removed"
        for media, media_type in old.get("content", {}).items():
            if media not in new.get("content", {}):
                yield f"{where}: {media} removed"
            else:
                yield from self._response(where, media_type["schema"], new["content"][media]["schema"])

    def _request(self, where: str, old: Json, new: Json) -> Iterator[str]:
        """Whatever the old schema allowed, the new one has to allow."""
        yield from self._narrower(where, (self._old, old), (self._new, new), is_request=True)

    def _response(self, where: str, old: Json, new: Json) -> Iterator[str]:
        """Whatever the new schema allows, the old one has to have promised."""
        yield from self._narrower(where, (self._new, new), (self._old, old), is_request=False)

    def _narrower(
        self,
        where: str,
        wide: tuple[Json, Json],
        narrow: tuple[Json, Json],
        *,
        is_request: bool,
        depth: int = 0,
    ) -> Iterator[str]:
        """Yield what values of the first schema may be that the second refuses."""
        one, other = _resolve(*wide), _resolve(*narrow)
        if depth > _DEEPEST:
            return
        options, others = one.get("anyOf"), other.get("anyOf")
        if options or others:
            sides = (wide[0], options or [one]), (narrow[0], others or [other])
            yield from self._options(where, *sides, is_request=is_request, depth=depth + 1)
            return
        yield from _values(where, one, other)
        yield from _bounds(where, one, other)
        for keyword in ("items", "additionalProperties"):
            if isinstance(one.get(keyword), dict) and isinstance(other.get(keyword), dict):
                at = f"{where}[]" if keyword == "items" else f"{where}.*"
                pair = (wide[0], one[keyword]), (narrow[0], other[keyword])
                yield from self._narrower(at, *pair, is_request=is_request, depth=depth + 1)
        yield from _fields(where, one, other, is_request=is_request)
        for name, schema in one.get("properties", {}).items():
            if name in other.get("properties", {}):
                pair = (wide[0], schema), (narrow[0], other["properties"][name])
                yield from self._narrower(f"{where}.{name}", *pair, is_request=is_request, depth=depth + 1)

    def _options(
        self,
        where: str,
        wide: tuple[Json, list[Json]],
        narrow: tuple[Json, list[Json]],
        *,
        is_request: bool,
        depth: int,
    ) -> Iterator[str]:
        """Each option of the first has to fit one of the second."""
        for option in wide[1]:
            pairs = [((wide[0], option), (narrow[0], other)) for other in narrow[1]]
            tries = [list(self._narrower(where, *p, is_request=is_request, depth=depth)) for p in pairs]
            if all(tries):
                yield from min(tries, key=len)


def _resolve(document: Json, node: Json) -> Json:
    while "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def _security(where: str, old: list[Json], new: list[Json]) -> Iterator[str]:
    for way in old or [{}]:
        if way not in (new or [{}]):
            yield f"{where}: no longer answers to {' and '.join(way) or 'everybody'} as before"


def _values(where: str, wide: Json, narrow: Json) -> Iterator[str]:
    kinds, allowed = _kinds(wide), _kinds(narrow)
    if allowed is not None and (kinds is None or not kinds <= allowed):
        yield f"{where}: type changed"
    values, known = _constants(wide), _constants(narrow)
    if known is not None and (values is None or not values <= known):
        yield f"{where}: other values than before"


def _kinds(schema: Json) -> set[str] | None:
    kind = schema.get("type")
    if kind is None:
        return None
    kinds = set(kind) if isinstance(kind, list) else {kind}
    return kinds | {"integer"} if "number" in kinds else kinds


def _constants(schema: Json) -> set[Any] | None:
    if "const" in schema:
        return {schema["const"]}
    return set(schema["enum"]) if "enum" in schema else None


def _bounds(where: str, wide: Json, narrow: Json) -> Iterator[str]:
    for keyword in _LOWER:
        if keyword in narrow and wide.get(keyword, float("-inf")) < narrow[keyword]:
            yield f"{where}: {keyword} changed"
    for keyword in _UPPER:
        if keyword in narrow and wide.get(keyword, float("inf")) > narrow[keyword]:
            yield f"{where}: {keyword} changed"
    for keyword in _EQUAL:
        if keyword in narrow and keyword != "const" and wide.get(keyword) != narrow[keyword]:
            yield f"{where}: {keyword} changed"


def _fields(where: str, wide: Json, narrow: Json, *, is_request: bool) -> Iterator[str]:
    """Compare objects: in a request `wide` is what clients send, in an answer it is what they get now."""
    for name in sorted(set(narrow.get("required", [])) - set(wide.get("required", []))):
        if is_request:
            yield f"{where}.{name}: now required"
        elif name in wide.get("properties", {}):
            yield f"{where}.{name}: no longer always there"
        else:
            yield f"{where}.{name}: removed"
    if is_request and narrow.get("additionalProperties") is False:
        for name in sorted(set(wide.get("properties", {})) - set(narrow.get("properties", {}))):
            yield f"{where}.{name}: removed"
        if "properties" in wide and wide.get("additionalProperties") is not False:
            yield f"{where}: further fields are refused now"
    if not is_request:
        optional = set(narrow.get("properties", {})) - set(narrow.get("required", []))
        for name in sorted(optional - set(wide.get("properties", {}))):
            yield f"{where}.{name}: removed"
