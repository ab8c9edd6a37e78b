"""Turns what the drivers raise into the few errors that services understand, alike for both databases."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import exc

from compliance.storage.errors import Busy, Clash, StorageUnavailable, Unstorable

_RETRY = frozenset({"40001", "40P01"})
RULES = {
    "authorization.prescription": "one_live_authorization",
    "confirmation.authorization": "one_live_confirmation",
    "dispense.prescription": "one_live_dispense",
    "dispense.confirmation": "one_live_dispense_per_confirmation",
    "idempotency.actor, idempotency.key": "one_answer_per_key",
    "person.username": "one_person_per_username",
    ", ".join(f"patient_identifier.{n}" for n in ("site", "system", "value")): "one_patient_per_identifier",
    "fact.patient, fact.recorded_at": "one_order_of_learning",
}
"""How SQLite spells the unique rules that PostgreSQL names."""

_UNIQUE = re.compile(r"UNIQUE constraint failed: (.*)")


@contextmanager
def translated() -> Iterator[None]:
    """Turn the drivers' errors, and SQLAlchemy's around them, into those of `storage.errors`."""
    try:
        yield
    except exc.TimeoutError as error:
        raise StorageUnavailable("no connection became free") from error
    except (UnicodeEncodeError, OverflowError) as error:  # refused by the driver before the database saw it
        raise Unstorable("a value cannot be stored") from error
    except exc.DBAPIError as error:
        raise _meaning(error.orig) or error from error
    except (sqlite3.Error, psycopg.Error) as error:
        raise _meaning(error) or error from error


def _meaning(error: BaseException | None) -> Exception | None:
    """What a driver's error means to services; None for a fault of this program, which stays what it is."""
    if isinstance(error, sqlite3.IntegrityError | psycopg.IntegrityError):
        return Clash(_rule(error))
    line = str(error).partition("\n")[0][:200]
    if getattr(error, "sqlstate", None) in _RETRY or "is locked" in line:
        return Busy(line)
    if isinstance(error, psycopg.DataError | sqlite3.DataError):
        return Unstorable("a value cannot be stored")
    if isinstance(error, psycopg.ProgrammingError | sqlite3.ProgrammingError):
        return None
    return StorageUnavailable(line)


def _rule(error: Exception) -> str:
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    if constraint:
        return str(constraint)
    found = _UNIQUE.search(str(error))
    return RULES.get(found[1], found[1]) if found else str(error)
