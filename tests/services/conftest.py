"""A whole programme for each test, once on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.world import World, build


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A programme in which everybody is certified."""
    made = build(database_url, tmp_path)
    yield made
    made.app.close()


@pytest.fixture
def sqlite_world(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    """The same on the embedded database alone, for what does not depend on the database."""
    made = build(sqlite_url, tmp_path)
    yield made
    made.app.close()
