"""Fixtures of the API's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.caller import Site, site


@pytest.fixture
def api(sqlite_url: str, tmp_path: Path) -> Iterator[Site]:
    """The API over a small programme on SQLite."""
    with site(sqlite_url, tmp_path) as found:
        yield found


@pytest.fixture
def api_on_both(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """The API over a small programme, once on each engine."""
    with site(database_url, tmp_path) as found:
        yield found
