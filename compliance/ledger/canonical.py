"""So that a value has exactly one spelling in bytes and its hash means the same to everybody.

A profile of RFC 8785 narrow enough for independent encoders to agree: no floats, no null, ASCII keys.
"""

import json
import re
import unicodedata
from typing import Any, NoReturn

from compliance.ledger.errors import LedgerError

MAX_BYTES = 16 * 1024
MAX_DEPTH = 16
INT_LIMIT = 2**53

_LONGEST_INT = len(str(-INT_LIMIT))

_KEY = re.compile(r"[a-z][a-z0-9_.]*")
# Tab, newline and carriage return are what a text area sends; other controls only hide things.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def encode(value: object) -> bytes:
    """Give the one byte string that stands for a value, or refuse the value."""
    _check(value, 1)
    data = _ENCODER.encode(value).encode("utf-8")
    if len(data) > MAX_BYTES:
        raise _refusal(f"the value takes {len(data)} bytes; the limit is {MAX_BYTES}")
    return data


def decode(data: bytes) -> dict[str, Any]:
    """Read an object back, refusing bytes that `encode` would not have written."""
    if len(data) > MAX_BYTES:
        raise _refusal(f"{len(data)} bytes were given; the limit is {MAX_BYTES}")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique_members,
            parse_float=_no_float,
            parse_constant=_no_float,
            parse_int=_bounded_int,
        )
    except (ValueError, RecursionError) as error:
        raise _refusal(f"the bytes are not JSON in UTF-8 ({type(error).__name__})") from error
    if not isinstance(value, dict):
        raise _refusal("the outermost value must be an object")
    if encode(value) != data:
        raise _refusal("the bytes are not in canonical form")
    return value


def _check(value: object, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _refusal(f"the value nests deeper than {MAX_DEPTH} levels")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, int):
        if not -INT_LIMIT < value < INT_LIMIT:
            raise _refusal("an integer lies outside the safe range of 53 bits")
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not (isinstance(key, str) and _KEY.fullmatch(key)):
                raise _refusal(f"the member name {key!r:.80} does not match {_KEY.pattern}")
            _check(item, depth + 1)
    else:
        raise _refusal(f"a value of type {type(value).__name__} has no canonical form")


def _check_text(text: str) -> None:
    if text.isascii():
        if text.isprintable():
            return
    else:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise _refusal("a string holds half of a surrogate pair") from error
        if not unicodedata.is_normalized("NFC", text):
            raise _refusal("a string is not in Unicode normalization form C")
    if _CONTROL.search(text):
        raise _refusal("a string holds a control character")


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _refusal("an object names the same member twice")
    return members


def _no_float(_: str) -> NoReturn:
    raise _refusal("a number is not an integer")


def _bounded_int(digits: str) -> int:
    # Checked before conversion: int() on thousands of digits raises or takes long.
    if len(digits) > _LONGEST_INT:
        raise _refusal("an integer lies outside the safe range of 53 bits")
    return int(digits)


def _refusal(message: str) -> LedgerError:
    return LedgerError("not_canonical", message)
