"""One strict reading of TOML for policies and cases, because what a person wrote must not be half understood.

The standard-library parser already refuses duplicate keys; added here are a bound on size and depth, other
encodings, and numbers that are no numbers. Every refusal names the file, and the place where it is known.
"""

from __future__ import annotations

import math
import re
import tomllib
from datetime import time
from pathlib import Path
from typing import Any

from compliance.domain.errors import DomainError

MAX_BYTES = 1024 * 1024
_MAX_DEPTH = 12
_MAX_BITS = 63
_DIGITS = re.compile(rb"[0-9_]+")


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, or a refusal that names it; read once: what is hashed is what is parsed."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name cannot be used"
        raise DomainError("FILE_UNREADABLE", f"cannot be read: {reason}", field=str(path)) from error
    if len(data) > MAX_BYTES:
        raise DomainError("FILE_TOO_LARGE", f"a file of {MAX_BYTES} bytes at most", field=str(path))
    return data


def parse(data: bytes, name: str) -> dict[str, Any]:
    """Read one TOML document; `name` is what the errors call it."""
    try:
        raw = tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DomainError("TOML_NOT_UTF8", f"save the file as UTF-8; line {line} is not", field=name) from error
    except tomllib.TOMLDecodeError as error:
        raise DomainError("TOML_MALFORMED", f"not TOML: {_plain(str(error))}", field=name) from error
    except RecursionError:
        raise DomainError("TOML_TOO_DEEP", "nested far too deeply", field=name) from None
    except ValueError as error:  # the parser says all else with its own error
        says = f"line {_of_the_longest(data)} holds a number of thousands of digits"
        raise DomainError("NUMBER_TOO_LARGE", says, field=name) from error
    try:
        _refuse(raw, "", _MAX_DEPTH)
    except DomainError as error:
        raise in_file(error, name) from error
    return raw


def in_file(error: DomainError, name: object) -> DomainError:
    """The same error with the file in front of the field, for people who have many files."""
    found = error.under("file")
    found.field = f"{name}: {error.field}" if error.field else str(name)
    found.args = (found.sentence(),)
    return found


def load(path: Path) -> dict[str, Any]:
    """Read one TOML file."""
    return parse(read_bytes(path), str(path))


def _of_the_longest(data: bytes) -> int:
    """The line of the longest number."""
    found = max(_DIGITS.finditer(data), key=lambda run: len(run[0]))
    return data.count(b"\n", 0, found.start()) + 1


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)[:200]


def _refuse(value: Any, field: str, room: int) -> None:
    """Refuse what no policy or case may hold, wherever it stands."""
    if room == 0:
        raise DomainError("TOML_TOO_DEEP", "nested too deeply", field=field[:80])
    if isinstance(value, dict):
        for name, inner in value.items():
            _refuse(inner, f"{field}.{_plain(name)[:40]}".lstrip("."), room - 1)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            _refuse(inner, f"{field}.{at}", room - 1)
    elif isinstance(value, float):
        word = "a whole number" if math.isfinite(value) else "a number"
        raise DomainError("NOT_A_WHOLE_NUMBER", f"write {word}", field=field, value=value)
    elif isinstance(value, int) and value.bit_length() > _MAX_BITS:
        raise DomainError("NUMBER_TOO_LARGE", "no such number is needed here", field=field, value=value)
    elif isinstance(value, time):
        raise DomainError("TIME_UNREADABLE", "a time needs a date and an offset", field=field, value=value.isoformat())
