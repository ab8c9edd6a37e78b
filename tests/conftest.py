"""Fixtures that more than one folder needs; everything heavy is imported only when a test asks for it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from compliance.clock import FixedClock

if TYPE_CHECKING:
    from tests.fixtures.databases import PostgresFactory, SqliteFactory


def _migrate(url: str) -> None:
    from compliance.storage.migrate import upgrade

    upgrade(url)


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands on Monday 5 January 2026, nine in the morning UTC."""
    return FixedClock(datetime(2026, 1, 5, 9, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a real PostgreSQL server that lives as long as the test session."""
    from tests.fixtures import postgres

    with postgres.postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_factory(tmp_path_factory: pytest.TempPathFactory) -> "SqliteFactory":
    """Makes migrated SQLite databases."""
    from tests.fixtures.databases import SqliteFactory

    return SqliteFactory(tmp_path_factory.mktemp("sqlite"), _migrate)


@pytest.fixture(scope="session")
def postgres_factory(postgres_server: str) -> "PostgresFactory":
    """Makes migrated PostgreSQL databases."""
    from tests.fixtures.databases import PostgresFactory

    return PostgresFactory(postgres_server, _migrate)


@pytest.fixture
def sqlite_url(sqlite_factory: "SqliteFactory") -> Iterator[str]:
    """The address of a fresh migrated SQLite database."""
    with sqlite_factory.fresh() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_factory: "PostgresFactory") -> Iterator[str]:
    """The address of a fresh migrated PostgreSQL database."""
    with postgres_factory.fresh() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh migrated database; the test runs once on each engine."""
    fixture = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the browser that the set-up brought; Playwright would want one of its own."""
    from tests.fixtures import chromium

    chromium.choose_node()
    return {**browser_type_launch_args, **chromium.launch_arguments()}


@pytest.fixture
def axe_violations() -> Callable[[Any], list[str]]:
    """Gives the accessibility violations of a page, one line for each."""
    from tests.fixtures.accessibility import violations

    return violations


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout, for tests of the project as a whole."""
    return Path(__file__).resolve().parents[1]


UNMEASURED = (
    "tests/edges/", "tests/oracle/", "tests/smt/", "tests/bench/", "tests/cases/test_committed.py",
    "tests/domain/test_laws", "tests/policies/test_simulate_programmes.py", "tests/policies/test_diff_telling.py",
    "tests/policies/test_witnesses.py", "tests/policies/test_layers.py", "tests/policies/test_diff.py",
    "tests/policies/test_check.py::test_a_committed_policy_is_proven",
)  # fmt: skip
"""Tests that ask the gate many thousands of times: counting its lines meanwhile would take longer than they do.

What they reach is reached by other tests too, whose coverage is counted.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the coverage of the heavy tests uncounted."""
    for item in items:
        if item.nodeid.startswith(UNMEASURED):
            item.add_marker("no_cover")
