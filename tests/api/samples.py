"""Makes bodies from the published schemas: good ones, and every way in which one member of one can be wrong.

Made from the operations themselves, so that a new operation or member is tried without a word about it here.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

from compliance.api.openapi import specification
from compliance.api.operations import OPERATIONS, Operation
from compliance.api.schemas import PROGRAMME
from compliance.strict_json import pointer_to

Schema = dict[str, Any]
Path = tuple[str | int, ...]

ABSENT = object()
ACTS = [operation for operation in OPERATIONS if operation.form is not None]
UNKNOWN = "surprise"


def said(code: str, *values: Any) -> list[tuple[Any, str]]:
    """Values that are all refused in the same words."""
    return [(value, code) for value in values]


WRONG: dict[str, list[tuple[Any, str]]] = {
    "word": said("UNKNOWN_WORD", "", "no_such_word", "\u0430dult_male", 1, True, None, [], {}),
    "truth": said("NOT_TRUE_OR_FALSE", 0, 1, "true", "", None, [], {}),
    "count": said("NOT_A_COUNT", True, False, -1, 100_001, "5", "", None, [], {}),
    "date": [
        *said("DATE_UNREADABLE", "2026-02-30", "2026-13-01", "2025-02-29", "2026-3-7", "07.03.2026"),
        *said("DATE_UNREADABLE", "", "2026-01-01T00:00:00Z", "٢٠٢٦-٠١-٠١", 20260101, True, None, []),
        *said("DATE_IMPLAUSIBLE", "0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"),
    ],
    "time": [
        *said("TIME_UNREADABLE", "2026-02-30T10:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01", ""),
        *said("TIME_UNREADABLE", "2026-01-01T10:61:00Z", "2026-01-01T10:00:60Z", "10:00", "now"),
        *said("TIME_UNREADABLE", "2026-01-01T10:00:00+25:00", 1767261600, True, None, [], {}),
        # A clock in New York never showed the first and showed the second twice: without an offset neither is a time.
        *said("TIME_WITHOUT_OFFSET", "2026-03-08T02:30:00", "2026-11-01T01:30:00"),
        *said("TIME_IMPLAUSIBLE", "1899-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59"),
        ("0001-01-01T00:00:00+23:59", "TIME_IMPLAUSIBLE"),
    ],
    "id": [
        *said("NOT_AN_ID", "", "a b", "\u0430nn", "-a", "a\n", "a\u0000", "a/b", "é", "x" * 65),
        *said("NOT_AN_ID", 1, True, None, [], {}),
    ],
    "programme": [
        *said("NOT_A_PROGRAMME", "lenalidomide", "us/", "/x", "US/x", "us/a b", "us/\u0430", "us/x\n", "a" * 80),
        *said("NOT_A_PROGRAMME", 1, True, None, [], {}),
    ],
    "text": [
        *said("NOT_A_TEXT", "x" * 501, 1, True, None, [], {}),
        *said("CONTROL_CHARACTER", "a\u0000b", "a\u200bb", "\u202egnp.exe", "a\u2028b", "\ue000"),
        *said("CONTROL_CHARACTER", "a\nb", "\x7f", "a\u00adb", "a\ufeffb"),
    ],
    "list": said("NOT_A_LIST", "", {}, None, 1, True),
    "object": said("NOT_AN_OBJECT", [], "", 1, True),
}
"""What each kind of member is not, and what is said about it."""

_INNER = {"method": "METHOD_UNREADABLE", "system": "IDENTIFIER_UNREADABLE"}
"""Lists of objects name the object whose members are not the right ones."""


class Broken(NamedTuple):
    """A body in which one thing is wrong: what the answer must point to, and what it must say."""

    body: Any
    pointer: str
    code: str
    value: Any


def resolve(schema: Schema) -> Schema:
    """Follow a reference into the published document."""
    while "$ref" in schema:
        schema = specification()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def body_schemas(operation: Operation) -> list[Schema]:
    """Every closed shape that a body of this operation may have."""
    content = specification()["paths"][operation.template][operation.method.lower()]["requestBody"]["content"]
    return [shape for shape in _shapes(content["application/json"]["schema"]) if shape["additionalProperties"] is False]


def _shapes(schema: Schema) -> list[Schema]:
    schema = resolve(schema)
    return [shape for branch in schema["anyOf"] for shape in _shapes(branch)] if "anyOf" in schema else [schema]


def good(schema: Schema) -> Any:
    """A value that fits the schema, with every member that it may have."""
    schema = resolve(schema)
    if "anyOf" in schema:
        return good(schema["anyOf"][0])
    if "const" in schema:
        return schema["const"]
    if schema["type"] == "object":
        return {name: good(inner) for name, inner in schema["properties"].items()}
    if schema["type"] == "array":
        return [good(schema["items"])]
    plain = {"word": schema.get("enum", [""])[0], "truth": True, "count": 1, "date": "2026-01-02", "id": "id-1"}
    plain["programme"] = "us/lenalidomide-rems"
    return (plain | {"time": "2026-01-02T10:00:00-05:00", "text": "some text"})[kind(schema)]


def kind(schema: Schema) -> str:
    """Which row of WRONG a schema belongs to."""
    if "enum" in schema:
        return "word"
    if schema.get("pattern") == PROGRAMME["pattern"]:
        return "programme"
    by_format = {"date": "date", "date-time": "time"}.get(schema.get("format", ""))
    by_type = {"boolean": "truth", "integer": "count", "array": "list", "object": "object"}
    return by_format or by_type.get(schema["type"]) or ("id" if "pattern" in schema else "text")


def broken(schema: Schema) -> Iterator[Broken]:
    """A good body with one thing wrong, in every way there is."""
    whole = good(schema)
    for path, pointer, code, value in _faults(schema, ()):
        if path:
            yield Broken(_with(whole, path, value), pointer_to(*pointer), code, value)


def _faults(schema: Schema, path: Path) -> Iterator[tuple[Path, Path, str, Any]]:
    schema = resolve(schema)
    if "anyOf" in schema:
        is_optional = {"type": "null"} in schema["anyOf"]
        found = _faults(schema["anyOf"][0], path)
        yield from (fault for fault in found if not (is_optional and fault[0] == path and fault[3] is None))
        return
    if "const" in schema:
        return  # it chooses the shape: tried by a test of its own
    accepts_empty = kind(schema) == "id" and schema["pattern"].endswith(")?$")
    for value, code in WRONG[kind(schema)]:
        if not (accepts_empty and value == ""):
            yield path, path, code, value
    if kind(schema) == "text" and schema.get("minLength"):
        yield from ((path, path, code, value) for value, code in said("TEXT_MISSING", "", "   "))
        if schema["maxLength"] < 500:
            yield path, path, "NAME_TOO_LONG", "x" * (schema["maxLength"] + 1)
    elif kind(schema) == "list":
        yield path, path, "NOT_A_LIST", [good(schema["items"])] * (schema["maxItems"] + 1)
        yield from _faults_inside(schema["items"], (*path, 0))
    elif kind(schema) == "object":
        yield from _faults_of_members(schema, path, inner="")


def _faults_inside(schema: Schema, path: Path) -> Iterator[tuple[Path, Path, str, Any]]:
    """The first of a list: objects in lists are refused as a whole when their members are not the right ones."""
    schema = resolve(schema)
    if kind(schema) != "object":
        yield from _faults(schema, path)
        return
    code = next(code for name, code in _INNER.items() if name in schema["properties"])
    yield from ((path, path, code, value) for value, code in said(code, "", 1, [], None))
    yield from _faults_of_members(schema, path, inner=code)


def _faults_of_members(schema: Schema, path: Path, inner: str) -> Iterator[tuple[Path, Path, str, Any]]:
    own: Path = (*path, UNKNOWN)
    yield own, path if inner else own, inner or "UNKNOWN_MEMBER", 1
    for name in schema["required"]:
        if "const" not in schema["properties"][name]:
            own = (*path, name)
            yield own, path if inner else own, inner or "MEMBER_MISSING", ABSENT
    for name, member in schema["properties"].items():
        yield from _faults(member, (*path, name))


def _with(whole: Any, path: Path, value: Any) -> Any:
    changed = deepcopy(whole)
    at = changed
    for step in path[:-1]:
        at = at[step]
    if value is ABSENT:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return changed
