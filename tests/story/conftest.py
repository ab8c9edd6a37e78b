"""A programme that is being served, and people who open its pages in a real browser, with scripts and without."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.story.people import Stage
from tests.web import visiting


class Quiet(WSGIRequestHandler):
    """A server that keeps its log to itself."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the signature is Werkzeug's
        """Say nothing."""


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path) -> Iterator[visiting.House]:
    """A programme of one's own."""
    made = visiting.build(sqlite_url, tmp_path)
    yield made
    made.world.app.close()


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def stage(
    request: pytest.FixtureRequest,
    house: visiting.House,
    browser: Browser,
    axe_violations: Callable[[Any], list[str]],
    tmp_path: Path,
) -> Iterator[Stage]:
    """The pages, served on a free port, and a browser."""
    server = make_server("127.0.0.1", 0, house.flask, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made = Stage(house, browser, f"http://127.0.0.1:{server.port}", axe_violations, tmp_path, request.param)
    try:
        yield made
    finally:
        made.close()
        server.shutdown()
        thread.join()
        server.server_close()
