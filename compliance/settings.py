"""Frozen settings, read once from the environment, so that nothing changes under a running programme.

Every field is read from the variable KELSEY_<NAME OF THE FIELD>. A variable of that kind which nobody knows
is an error: a misspelt KELSEY_SECURE_COOKIES must not pass unnoticed. Nothing is read at import.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Argon2Cost = Literal["standard", "fast"]


class SettingsError(ValueError):
    """Names the variable that cannot be used, and what to write instead."""

    code = "settings-invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one running programme has been told about its surroundings."""

    var: Path = Path("var")
    """Folder for the embedded database and the keys; the defaults below stand inside it."""
    database_url: str = field(default="", repr=False)
    """Address of the database (may hold a password): SQLite embedded by default, PostgreSQL in production."""
    secret_key_file: Path = Path()
    """Key that signs sessions and form tokens; secret.key unless said otherwise."""
    log_key_file: Path = Path()
    """Ed25519 key that signs the checkpoints of the log; log.key unless said otherwise."""
    data_key_file: Path = Path()
    """Key that wraps the keys of each subject's personal data; data.key unless said otherwise."""
    log_origin: str = "localhost/kelsey"
    """Name of the log: the first line of every checkpoint, never changed once the log has entries."""
    bind: str = "127.0.0.1:8000"
    """Address at which `kelsey serve` listens."""
    threads: int = 8
    """Threads with which `kelsey serve` answers."""
    secure_cookies: bool = True
    """Whether cookies travel over HTTPS only; false solely for a demonstration on one's own machine."""
    argon2_cost: Argon2Cost = "standard"
    """Cost of checking a password; `fast` is for tests and demonstrations."""
    trusted_hosts: tuple[str, ...] = ()
    """Host names that requests may carry; empty where the proxy in front checks them."""
    trusted_proxies: int = 0
    """How many proxies in front add X-Forwarded-* headers."""
    session_minutes: int = 15
    """Minutes without a request after which a session ends."""
    session_hours: int = 12
    """Hours after which a session ends in any case."""
    layers: tuple[str, ...] = ()
    """Layers of further requirements that the site has adopted, such as layers/lenalidomide-safety."""

    def __post_init__(self) -> None:
        """Place what was not said inside `var`, so that one variable moves everything."""
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.var / 'kelsey.db'}")
        for name in ("secret", "log", "data"):
            if getattr(self, f"{name}_key_file") == Path():
                object.__setattr__(self, f"{name}_key_file", self.var / f"{name}.key")

    @property
    def uses_sqlite(self) -> bool:
        """Whether the embedded database is in use, which takes a single writing process."""
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read and check all variables at once, so that a wrong one is seen at the start."""
        values: dict[str, Any] = {}
        for variable, text in sorted((os.environ if environ is None else environ).items()):
            if not variable.startswith(_PREFIX) or variable.startswith(_FOR_TESTS):
                continue
            reader = _READERS.get(variable.removeprefix(_PREFIX).lower())
            if reader is None:
                known = ", ".join(sorted(_PREFIX + name.upper() for name in _READERS))
                raise SettingsError(f"{variable} is not a setting; there are {known}")
            values[variable.removeprefix(_PREFIX).lower()] = _read(variable, reader, text)
        return cls(**values)


_PREFIX = "KELSEY_"
_FOR_TESTS = ("KELSEY_REQUIRE_SHARED", "KELSEY_TEST_")
_ORIGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9./:_-]{0,199}")
_BIND = re.compile(r"(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):(?P<port>\d{1,5})")
_MAX_PORT = 65535


def _read(variable: str, reader: Callable[[str], object], text: str) -> object:
    if not text.strip():
        raise SettingsError(f"{variable} is empty; unset it or give it a value")
    try:
        return reader(text.strip())
    except ValueError as problem:
        raise SettingsError(f"{variable} {problem}") from None


def _database_url(text: str) -> str:
    """Name the psycopg driver outright; the address itself is never quoted, as it may hold a password."""
    scheme, separator, rest = text.partition("://")
    scheme = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}.get(scheme, scheme)
    if not separator or not rest or scheme not in {"sqlite", "postgresql+psycopg"}:
        raise ValueError("must look like sqlite:///path/kelsey.db or postgresql://user@host/database")
    return f"{scheme}://{rest}"


def _origin(text: str) -> str:
    if not _ORIGIN.fullmatch(text):
        raise ValueError(f"is {text!r}; write a name such as register.example.org/kelsey")
    return text


def _bind(text: str) -> str:
    match = _BIND.fullmatch(text)
    if not match or int(match["port"]) > _MAX_PORT:
        raise ValueError(f"is {text!r}; write host:port, such as 127.0.0.1:8000")
    return text


def _boolean(text: str) -> bool:
    try:
        return {"1": True, "true": True, "0": False, "false": False}[text.lower()]
    except KeyError:
        raise ValueError(f"is {text!r}; write 1 or 0") from None


def _argon2_cost(text: str) -> str:
    if text not in {"standard", "fast"}:
        raise ValueError(f"is {text!r}; write standard or fast")
    return text


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ValueError(f"is {text!r}; write a whole number from {low} to {high}")
        return int(text)

    return read


_READERS: dict[str, Callable[[str], object]] = {
    "var": Path,
    "database_url": _database_url,
    "secret_key_file": Path,
    "log_key_file": Path,
    "data_key_file": Path,
    "log_origin": _origin,
    "bind": _bind,
    "threads": _whole(1, 256),
    "secure_cookies": _boolean,
    "argon2_cost": _argon2_cost,
    "trusted_hosts": _names,
    "trusted_proxies": _whole(0, 9),
    "session_minutes": _whole(1, 240),
    "session_hours": _whole(1, 24),
    "layers": _names,
}
