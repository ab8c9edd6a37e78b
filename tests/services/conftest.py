"""A whole programme for each test, once on each database: built once, then copied."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.services.world import World, build, reopened

if TYPE_CHECKING:
    from tests.fixtures.databases import PostgresFactory, SqliteFactory


@pytest.fixture(scope="session")
def sqlite_original(sqlite_factory: "SqliteFactory", tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The programme that SQLite tests get a copy of."""
    with sqlite_factory.fresh() as url:
        made = build(url, tmp_path_factory.mktemp("original"))
        made.app.close()
        yield made


@pytest.fixture(scope="session")
def postgres_original(postgres_factory: "PostgresFactory", tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The programme that PostgreSQL tests get a copy of."""
    with postgres_factory.fresh() as url:
        made = build(url, tmp_path_factory.mktemp("original"))
        made.app.close()
        yield made


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A programme in which everybody is certified; the test runs once on each engine."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            yield stack.enter_context(_sqlite(request.getfixturevalue("sqlite_original"), tmp_path))
        else:
            factory = request.getfixturevalue("postgres_factory")
            yield stack.enter_context(_postgres(request.getfixturevalue("postgres_original"), factory, tmp_path))


@pytest.fixture
def sqlite_world(sqlite_original: World, tmp_path: Path) -> Iterator[World]:
    """The same on the embedded database alone, for what does not depend on the database."""
    with _sqlite(sqlite_original, tmp_path) as made:
        yield made


@pytest.fixture
def postgres_world(postgres_original: World, postgres_factory: "PostgresFactory", tmp_path: Path) -> Iterator[World]:
    """The same on PostgreSQL alone, for what can only happen to a server."""
    with _postgres(postgres_original, postgres_factory, tmp_path) as made:
        yield made


@contextmanager
def _sqlite(original: World, folder: Path) -> Iterator[World]:
    import sqlite3

    source = original.app.settings.database_url.removeprefix("sqlite:///")
    here, there = sqlite3.connect(source), sqlite3.connect(folder / "copy.db")
    here.backup(there)
    here.close()
    there.close()
    made = reopened(original, f"sqlite:///{folder / 'copy.db'}", folder)
    yield made
    made.app.close()


@contextmanager
def _postgres(original: World, factory: "PostgresFactory", folder: Path) -> Iterator[World]:
    address, _, source = original.app.settings.database_url.rpartition("/")
    name = f"{source}_{folder.name}"[:60].lower().replace("-", "_")
    factory._run(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    try:
        made = reopened(original, f"{address}/{name}", folder)
        yield made
        made.app.close()
    finally:
        factory._run(f'DROP DATABASE "{name}" WITH (FORCE)')
