"""A machine that talks to the API with the key of one person, and the programme it talks to."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from compliance import app as whole
from compliance.services import accounts
from compliance.services.actor import Actor
from tests.services.world import OPERATOR, World, build

PREFIX = "/api/v1"
JSON = "application/json"
_numbers = count(1)


@dataclass
class Caller:
    """Sends requests with one key, each act under an idempotency key of its own."""

    client: FlaskClient
    key: str

    def get(self, path: str) -> TestResponse:
        """Read something."""
        return self.client.get(PREFIX + path, headers=self.headers())

    def post(self, path: str, body: Any, once: str = "") -> TestResponse:
        """Do something."""
        return self.client.post(PREFIX + path, json=body, headers=self.headers(once))

    def send(self, path: str, data: bytes, content_type: str = JSON) -> TestResponse:
        """Send bytes as they are."""
        return self.client.post(PREFIX + path, data=data, headers=self.headers(), content_type=content_type)

    def headers(self, once: str = "") -> Mapping[str, str]:
        """The key, and an idempotency key."""
        return {"Authorization": f"Bearer {self.key}", "Idempotency-Key": once or f"test-{next(_numbers)}"}


@dataclass
class Site:
    """The API over a small programme in which everything is in order."""

    world: World
    flask: Flask
    callers: dict[str, Caller] = field(default_factory=dict)

    def of(self, who: Actor) -> Caller:
        """The machine of one person."""
        if who.id not in self.callers:
            key = accounts.issue_api_key(self.world.app, OPERATOR, who.id)
            self.callers[who.id] = Caller(self.flask.test_client(), key)
        return self.callers[who.id]

    def rows(self) -> dict[str, int]:
        """How many rows each table has: what was refused must not change one of them."""
        from sqlalchemy import func, select

        from compliance.storage.tables import metadata

        with self.world.app.db.read() as uow:
            return {
                name: uow.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in metadata.tables.items()
            }


@contextmanager
def site(url: str, var: Path) -> Iterator[Site]:
    """Open the whole application over a fresh programme."""
    world = build(url, var)
    try:
        yield Site(world, whole.build(world.app.settings, world.app))
    finally:
        world.app.close()
