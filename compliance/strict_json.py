"""One strict reading of JSON for every door, because the ordinary one lets the last of two equal names win.

Bytes must be UTF-8 without a mark; names stand once; NaN, Infinity, huge integers and (unless asked for)
decimals are refused; depth and size are bounded. What is wrong is said with its JSON pointer if it has one.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
_MAX_DIGITS = 15  # within 2**53, so that every other reader sees the same number
_SHOWN = 40


class JsonError(ValueError):
    """Bytes that are not the JSON we read: a stable code, what to do, and where (a JSON pointer)."""

    def __init__(self, code: str, message: str, pointer: str = "") -> None:
        self.code = code
        self.message = message
        self.pointer = pointer
        super().__init__(f"{pointer or 'the document'}: {message}")


class _Refused:
    """Stands in the place of what may not be there, until its pointer is known."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message


def pointer_to(*path: str | int) -> str:
    """Write a JSON pointer (RFC 6901), its steps cut to a length fit for people."""
    return "".join("/" + str(step)[:_SHOWN].replace("~", "~0").replace("/", "~1") for step in path)


def load(data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH, decimals: bool = False) -> Any:
    """Read one JSON document or raise JsonError; with `decimals`, fractions are read as Decimal."""
    if len(data) > max_bytes:
        raise JsonError("JSON_TOO_LARGE", f"send {max_bytes} bytes at most")
    value = _parse(_text(data), decimals=decimals)
    path, refused = next(_refusals(value, (), max_depth), ((), None))
    if refused is not None:
        raise JsonError(refused.code, refused.message, pointer_to(*path))
    return value


def _text(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise JsonError("JSON_BYTE_ORDER_MARK", "send UTF-8 without a byte order mark")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonError("JSON_NOT_UTF8", f"send UTF-8; byte {error.start} is not") from error
    if not text.strip(" \t\r\n"):
        raise JsonError("JSON_EMPTY", "send a JSON document")
    return text


def _parse(text: str, *, decimals: bool) -> Any:
    def fraction(number: str) -> Decimal | _Refused:
        if decimals and len(number) <= _SHOWN:
            return Decimal(number)
        return _Refused("JSON_FRACTION", f"write a whole number, not {number[:_SHOWN]}")

    try:
        return json.loads(
            text, object_pairs_hook=_members, parse_int=_whole, parse_float=fraction, parse_constant=_constant
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise JsonError("JSON_MALFORMED", f"not JSON at {where}: {error.msg}") from error
    except RecursionError:
        raise JsonError("JSON_TOO_DEEP", "nested far too deeply") from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        found[name] = (
            _Refused("JSON_NAME_TWICE", f"{name[:_SHOWN]!r} stands twice; say it once") if name in found else value
        )
    return found


def _whole(digits: str) -> int | _Refused:
    if len(digits.lstrip("-")) > _MAX_DIGITS:
        return _Refused("JSON_NUMBER_TOO_LARGE", f"a number of {len(digits)} digits; {_MAX_DIGITS} at most")
    return int(digits)


def _constant(word: str) -> _Refused:
    return _Refused("JSON_NOT_A_NUMBER", f"{word} is not JSON")


def _refusals(value: Any, path: tuple[str | int, ...], room: int) -> Iterator[tuple[tuple[str | int, ...], _Refused]]:
    """All that may not be there, in the document's order, with the way to it."""
    if isinstance(value, _Refused):
        yield path, value
    elif isinstance(value, str):
        if not _is_unicode(value):
            yield path, _Refused("JSON_NOT_UNICODE", "a lone surrogate is not a character")
    elif isinstance(value, dict | list) and room == 0:
        yield path, _Refused("JSON_TOO_DEEP", "nested too deeply")
    elif isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(step, str) and not _is_unicode(step):
                yield path, _Refused("JSON_NOT_UNICODE", "a name holds a lone surrogate")
            else:
                yield from _refusals(inner, (*path, step), room - 1)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
