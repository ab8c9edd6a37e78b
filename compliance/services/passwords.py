"""Checks passwords at a price that guessing cannot pay, and at the same price for names that nobody bears."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from compliance.services.app import App
from compliance.services.errors import Invalid, Unavailable

LEAST = 12
_MOST = 200
_WAIT_SECONDS = 10


def hash_password(app: App, password: str) -> str:
    """The form in which a password is stored."""
    if not LEAST <= len(password) <= _MOST:
        raise Invalid("PASSWORD_UNUSABLE", f"choose a password of {LEAST} to {_MOST} characters", "password")
    with _Turn(app):
        return _hasher(app.settings.argon2_cost).hash(password)


def is_right(app: App, stored: str | None, password: str) -> bool:
    """Whether a password is right; where there is none, one is checked all the same: time tells nothing."""
    hasher = _hasher(app.settings.argon2_cost)
    with _Turn(app):
        try:
            # Half a character is no part of any password, and must not be a crash either.
            given = password[:_MOST].encode("utf-8", "surrogatepass")
            hasher.verify(stored or _dummy(app.settings.argon2_cost), given)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None and len(password) <= _MOST


class _Turn:
    """Bounds how many passwords are checked at once; a flood of sign-ins must not starve the gate."""

    def __init__(self, app: App) -> None:
        self._passwords = app.passwords

    def __enter__(self) -> None:
        if not self._passwords.acquire(timeout=_WAIT_SECONDS):
            raise Unavailable("SIGN_IN_BUSY", "too many people are signing in; try again in a moment")

    def __exit__(self, *_: object) -> None:
        self._passwords.release()


@cache
def _hasher(cost: str) -> PasswordHasher:
    if cost == "fast":
        return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    return PasswordHasher()


@cache
def _dummy(cost: str) -> str:
    return _hasher(cost).hash(secrets.token_urlsafe(16))
