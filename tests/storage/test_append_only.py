"""The database itself refuses to change or lose what must stay, whoever asks."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from compliance.services.app import open_app
from compliance.services.errors import Unavailable
from compliance.storage.database import Database
from compliance.storage.errors import Clash
from compliance.storage.tables import APPEND_ONLY
from tests.services.world import World, build, settings_for

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "busy_timeout": 10000,
}
CHANGES = {
    "fact": "body = '{}'",
    "certification_fact": "body = '{}'",
    "log_leaf": "leaf = hash",
    "log_node": "hash = hash",
    "log_checkpoint": "note = ''",
    "log_disclosure": "sealed = sealed",
}


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A programme with a row in every table."""
    made = build(database_url, tmp_path)
    made.dispensed()
    yield made
    made.app.close()


def refused(db: Database, statement: str) -> str:
    with pytest.raises(Clash) as clash, db.write() as uow:
        uow.execute(text(statement))
    return str(clash.value)


def test_no_row_of_evidence_is_changed_or_deleted(world: World) -> None:
    assert set(CHANGES) == set(APPEND_ONLY)
    for table, change in CHANGES.items():
        assert "append-only" in refused(world.app.db, f"UPDATE {table} SET {change}"), table
        assert "append-only" in refused(world.app.db, f"DELETE FROM {table}"), table


def test_no_table_of_evidence_is_emptied(world: World) -> None:
    if world.app.db.is_sqlite:
        return  # SQLite has no TRUNCATE
    for table in (*APPEND_ONLY, "log_head", "log_pending"):
        assert "append-only" in refused(world.app.db, f"TRUNCATE {table} CASCADE"), table


def test_no_row_of_evidence_is_replaced(world: World) -> None:
    if not world.app.db.is_sqlite:
        for table in APPEND_ONLY:
            copy = f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1"
            assert refused(world.app.db, copy) != "", table
        return
    address = world.app.settings.database_url.removeprefix("sqlite:///")
    stranger = sqlite3.connect(address)  # has set none of the pragmas that the programme sets
    for table in APPEND_ONLY:
        with pytest.raises(sqlite3.IntegrityError, match=r"append-only|gaps"):
            stranger.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")
    stranger.close()


def test_the_log_has_no_gap_and_its_head_never_goes_back(world: World) -> None:
    db = world.app.db
    leaf = "decode('00', 'hex')" if not db.is_sqlite else "x'00'"
    assert "gaps" in refused(db, f"INSERT INTO log_leaf (idx, txn, hash, leaf) VALUES (100000, 'x', {leaf}, {leaf})")
    assert "never goes back" in refused(db, "UPDATE log_head SET size = size - 1")
    assert "never goes back" in refused(db, "UPDATE log_head SET last_at = ''")
    assert refused(db, "DELETE FROM log_head") != ""
    pending = f"INSERT INTO log_pending (txn, body, releases) VALUES ('lost', {leaf}, '')"
    with db.write() as uow:
        uow.execute(text(pending))
    assert "until it is sequenced" in refused(db, "DELETE FROM log_pending")


def test_a_leaf_whose_hash_is_not_its_own_is_refused_by_postgresql(world: World) -> None:
    if world.app.db.is_sqlite:
        return
    with world.app.db.read() as uow:
        size = uow.execute(text("SELECT size FROM log_head")).scalar_one()
    values = f"{size}, 'x', decode('00', 'hex'), decode('01', 'hex')"
    wrong = f"INSERT INTO log_leaf (idx, txn, hash, leaf) VALUES ({values})"
    assert "hash_is_of_the_leaf" in refused(world.app.db, wrong)


def test_a_programme_whose_guards_are_gone_does_not_open(world: World) -> None:
    on = "" if world.app.db.is_sqlite else " ON log_leaf"
    with world.app.db.engine.begin() as connection:
        connection.execute(text(f"DROP TRIGGER log_leaf_is_contiguous{on}"))
    with pytest.raises(Unavailable) as refusal:
        open_app(settings_for(world.app.settings.database_url, world.app.settings.var), world.clock)
    assert refusal.value.code == "SCHEMA_MISMATCH"
    assert "log_leaf_is_contiguous" in str(refusal.value)


def test_the_settings_that_the_promises_rest_on_are_on(world: World) -> None:
    db = world.app.db
    with db.write() as uow:
        if db.is_sqlite:
            assert {name: uow.execute(text(f"PRAGMA {name}")).scalar_one() for name in PRAGMAS} == PRAGMAS
        else:
            assert uow.execute(text("SHOW lock_timeout")).scalar_one() == "10s"
            assert uow.execute(text("SHOW transaction_isolation")).scalar_one() == "read committed"


def test_a_programme_whose_unique_rules_are_gone_does_not_open(world: World) -> None:
    with world.app.db.engine.begin() as connection:
        connection.execute(text("DROP INDEX one_live_dispense"))
    with pytest.raises(Unavailable) as refusal:
        open_app(world.app.settings, world.clock)
    assert (refusal.value.code, "one_live_dispense" in str(refusal.value)) == ("SCHEMA_MISMATCH", True)


def test_a_number_is_live_once_whoever_writes_the_row(world: World) -> None:
    for table, rule in (
        ('"authorization"', "one_live_authorization"),
        ("confirmation", "one_live_confirmation"),
        ("dispense", "one_live_dispense"),
    ):
        with world.app.db.read() as uow:
            row = dict(uow.execute(text(f"SELECT * FROM {table}")).mappings().one())
        row |= {"id": "another", "txn": "another", "number": None}
        names = ", ".join(f'"{name}"' for name in row)
        values = ", ".join(f":{name}" for name in row)
        with pytest.raises(Clash) as clash, world.app.db.write() as uow:
            uow.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)
        assert clash.value.rule.startswith(rule), table
