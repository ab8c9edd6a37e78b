"""A schema comes to be by migrations alone, and goes only while it holds no evidence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from compliance.ledger.entry import parse_leaf
from compliance.services import setup
from compliance.services.app import open_app
from compliance.services.errors import Unavailable
from compliance.storage import log_rows
from compliance.storage.database import Database
from compliance.storage.errors import SchemaMismatch
from compliance.storage.migrate import check, downgrade, head, upgrade
from compliance.storage.tables import metadata
from tests.services.world import build, settings_for

ROOT = Path(__file__).resolve().parents[2]


def tables(url: str) -> set[str]:
    db = Database(url)
    with db.engine.connect() as connection:
        found = set(inspect(connection).get_table_names()) - {"alembic_version"}
    db.close()
    return found


def test_up_down_and_up_again(database_url: str) -> None:
    assert tables(database_url) == set(metadata.tables)
    downgrade(database_url, "base")
    assert tables(database_url) == set()
    upgrade(database_url, "0001")
    db = Database(database_url)
    with pytest.raises(SchemaMismatch, match="the program needs 0003"):
        check(db)
    upgrade(database_url)
    check(db)
    db.close()
    assert head() == "0003"


def test_the_migrated_schema_is_the_one_the_program_expects(database_url: str) -> None:
    db = Database(database_url)
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert checks_of(connection) == checks_of_models(sqlite=db.is_sqlite)
    db.close()


def checks_of(connection: object) -> set[str]:
    found = inspect(connection)
    return {c["name"] for table in metadata.tables for c in found.get_check_constraints(table) if c["name"]}


def checks_of_models(*, sqlite: bool) -> set[str]:
    from sqlalchemy import CheckConstraint

    named = {
        str(c.name) for table in metadata.tables.values() for c in table.constraints if isinstance(c, CheckConstraint)
    }
    return named if sqlite else named | {"hash_is_of_the_leaf"}


def test_a_difference_between_models_and_migrations_is_found(sqlite_url: str) -> None:
    db = Database(sqlite_url)
    with db.engine.begin() as connection:
        connection.execute(text("DROP INDEX one_live_dispense"))
        connection.execute(text("ALTER TABLE site ADD COLUMN colour TEXT"))
    with db.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    assert sorted(str(change[0]) for change in found) == ["add_index", "remove_column"]
    db.close()


def test_a_version_that_holds_evidence_is_never_taken_back(database_url: str, tmp_path: Path) -> None:
    build(database_url, tmp_path).app.close()
    with pytest.raises(RuntimeError, match="is not empty"):
        downgrade(database_url, "base")
    assert tables(database_url) == set(metadata.tables)
    db = Database(database_url)
    check(db)
    db.close()


def test_four_processes_may_migrate_at_once(database_url: str) -> None:
    downgrade(database_url, "base")
    db = Database(database_url)
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    db.close()
    script = "import sys; from compliance.storage.migrate import upgrade; upgrade(sys.argv[1])"
    command = [sys.executable, "-W", "error", "-c", script, database_url]
    started = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)})
        for _ in range(4)
    ]
    ended = [(process.communicate()[1].decode(), process.returncode) for process in started]
    assert ended == [("", 0)] * 4
    assert tables(database_url) == set(metadata.tables)


def test_four_processes_may_migrate_a_new_file_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    script = "import sys; from compliance.storage.migrate import upgrade; upgrade(sys.argv[1])"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, url],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for _ in range(4)
    ]
    ended = [(process.communicate()[1].decode()[-300:], process.returncode) for process in started]
    assert ended == [("", 0)] * 4


def test_a_database_of_a_later_version_is_left_alone(database_url: str, tmp_path: Path) -> None:
    db = Database(database_url)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaMismatch, match="does not know"):
        upgrade(database_url)
    with pytest.raises(Unavailable) as refusal:
        setup.initialise(settings_for(database_url, tmp_path))
    assert refusal.value.code == "SCHEMA_MISMATCH"
    with pytest.raises(SchemaMismatch, match="is at version 9999"):
        check(db)
    db.close()


def test_four_processes_that_initialise_at_once_make_one_programme(database_url: str, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from compliance.services import setup; "
        "from tests.services.world import settings_for; setup.initialise(settings_for(sys.argv[1], Path(sys.argv[2])))"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", script, database_url, str(tmp_path)],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for _ in range(4)
    ]
    ended = [(process.communicate()[1].decode()[-500:], process.returncode) for process in started]
    assert ended == [("", 0)] * 4
    app = open_app(settings_for(database_url, tmp_path))
    with app.db.read() as uow:
        assert [parse_leaf(row.leaf)["type"] for row in log_rows.page(uow, 0, 10)] == ["log.genesis"]
    app.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.key", "log.key", "secret.key"]
