"""One unit of work on either database, with the settings under which its promises hold.

Writers queue: on SQLite each begins with BEGIN IMMEDIATE (a plain BEGIN that writes later is refused at
once), on PostgreSQL each locks the rows it depends on. What fails leaves as an error of `storage.errors`.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine, Executable, create_engine, event
from sqlalchemy.engine import URL, Connection, CursorResult, make_url

from compliance.storage.errors import Busy, StorageUnavailable
from compliance.storage.prepared import Prepared
from compliance.storage.translating import translated

__all__ = ["Database", "Prepared", "Uow"]

T = TypeVar("T")
Rows = CursorResult[*tuple[Any, ...]]
_NOTHING: Mapping[str, Any] = {}

_ATTEMPTS = 6
_WAIT_SECONDS = 10
_KEPT_FREE = 32 * 1024 * 1024
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    "secure_delete=ON",
)
_POSTGRES = f"-c lock_timeout={_WAIT_SECONDS}s -c idle_in_transaction_session_timeout=60s -c timezone=UTC"


class Uow:
    """One transaction. Everything done through it is committed together or not at all.

    On PostgreSQL changes wait until something is read or the block ends, and then go over in one round trip:
    an act makes a dozen changes, and waiting for each answer costs more than making it. A change that is
    refused is therefore refused then; nothing was committed meanwhile.
    """

    __slots__ = ("_changes", "_cursor", "_dialect", "_driver", "connection")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._dialect = connection.dialect
        self._driver: Any = connection.connection.dbapi_connection
        self._cursor = connection.connection.cursor()
        self._changes: list[tuple[str, Any]] = []

    def execute(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> Rows:
        """Run a statement that is put together where it is used."""
        self.flush()
        return self.connection.execute(statement, values)

    def rows(self, prepared: Prepared, values: Mapping[str, Any] = _NOTHING) -> list[tuple[Any, ...]]:
        """Run a prepared query and give all its rows."""
        self._ask(prepared, values)
        return list(self._cursor.fetchall())

    def row(self, prepared: Prepared, values: Mapping[str, Any] = _NOTHING) -> tuple[Any, ...] | None:
        """Run a prepared query and give its first row."""
        self._ask(prepared, values)
        found: tuple[Any, ...] | None = self._cursor.fetchone()
        return found

    def do(self, prepared: Prepared, values: Mapping[str, Any] = _NOTHING) -> None:
        """Make a prepared change."""
        self.do_all(prepared, [values])

    def do_all(self, prepared: Prepared, many: Sequence[Mapping[str, Any]]) -> None:
        """Make a prepared change for each set of values."""
        text = prepared.text(self._dialect)
        self._changes += [(text.sql, text.placed(values)) for values in many]
        if not isinstance(self._driver, psycopg.Connection):
            self.flush()

    def flush(self) -> None:
        """Make the changes that wait."""
        if not self._changes:
            return
        changes, self._changes = self._changes, []
        with self._driver.pipeline() if isinstance(self._driver, psycopg.Connection) else nullcontext():
            for sql, values in changes:
                self._cursor.execute(sql, values)

    def _ask(self, prepared: Prepared, values: Mapping[str, Any]) -> None:
        self.flush()
        text = prepared.text(self._dialect)
        self._cursor.execute(text.sql, text.placed(values))


class Database:
    """The address of a database, with units of work for reading and for writing."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        self.is_sqlite = address.get_backend_name() == "sqlite"
        self._engine = _sqlite(address) if self.is_sqlite else _postgres(address)
        self._reader = self._engine.execution_options(kelsey_reads=True)
        self._folder = Path(address.database or ".").resolve().parent if self.is_sqlite else None
        # SQLite's own queue polls; waiting here instead keeps the longest wait short.
        self._turn = threading.Lock() if self.is_sqlite else None

    @property
    def engine(self) -> Engine:
        """The engine, for migrations and for tests that look underneath."""
        return self._engine

    @contextmanager
    def write(self) -> Iterator[Uow]:
        """One transaction that may write; committed when the block ends, rolled back when it raises."""
        with self._waiting(), translated(), self._engine.begin() as connection:
            uow = Uow(connection)
            yield uow
            uow.flush()

    @contextmanager
    def read(self) -> Iterator[Uow]:
        """One transaction that only reads."""
        with translated(), self._reader.begin() as connection:
            yield Uow(connection)

    def run(self, unit: Callable[[Uow], T]) -> T:
        """Run a whole unit of work, again from the start when another transaction stood in its way."""
        for attempt in range(_ATTEMPTS):
            try:
                with self.write() as uow:
                    return unit(uow)
            except Busy:
                if attempt == _ATTEMPTS - 1:
                    raise
                time.sleep(random.uniform(0.002, 0.01) * 2**attempt)  # noqa: S311 - a jitter, not a secret
        raise StorageUnavailable

    def has_room(self) -> bool:
        """Whether there is room beyond what is kept free for news of a pregnancy; a server minds its own disk."""
        if self._folder is None:
            return True
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize >= _KEPT_FREE

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=_WAIT_SECONDS * 3):
            raise StorageUnavailable("the queue of writers does not move")
        try:
            yield
        finally:
            self._turn.release()


def _sqlite(address: URL) -> Engine:
    engine = create_engine(
        address,
        connect_args={"timeout": _WAIT_SECONDS},
        pool_size=16,
        max_overflow=16,
        pool_timeout=_WAIT_SECONDS,
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _: object) -> None:
        connection.isolation_level = None  # BEGIN is sent below: the driver's own comes too late
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        reads = connection.get_execution_options().get("kelsey_reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _postgres(address: URL) -> Engine:
    if address.drivername in {"postgres", "postgresql"}:
        address = address.set(drivername="postgresql+psycopg")
    return create_engine(
        address,
        connect_args={"options": _POSTGRES, "connect_timeout": _WAIT_SECONDS},
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        pool_size=16,
        max_overflow=16,
        pool_timeout=_WAIT_SECONDS,
    )
