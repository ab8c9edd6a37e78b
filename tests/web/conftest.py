"""A programme with its pages: one for each test, and one for each module whose tests only look."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.web import visiting

if TYPE_CHECKING:
    from tests.fixtures.databases import SqliteFactory


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path) -> Iterator[visiting.House]:
    """A programme of one's own."""
    made = visiting.build(sqlite_url, tmp_path)
    yield made
    made.world.app.close()


@pytest.fixture(scope="module")
def shared_house(sqlite_factory: "SqliteFactory", tmp_path_factory: pytest.TempPathFactory) -> Iterator[visiting.House]:
    """A programme for tests that only look at pages."""
    with sqlite_factory.fresh() as url:
        made = visiting.build(url, tmp_path_factory.mktemp("house"))
        yield made
        made.world.app.close()
