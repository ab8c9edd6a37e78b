"""The one step by which a schema comes to be or changes, so that no server ever creates tables on its own.

`upgrade` runs under a lock that the database holds: started four times at once, it migrates once. Servers
only call `check`, which also makes sure that the triggers behind the append-only tables are still there.
"""

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from compliance import paths
from compliance.storage.database import Database, translated
from compliance.storage.errors import SchemaMismatch
from compliance.storage.tables import APPEND_ONLY

LOCK = 7_305_221_947
"""The advisory lock that migrations hold on PostgreSQL; any fixed number will do."""

_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'",
}


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database to a version; nothing happens when it is there already."""
    _run(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Take a database back; refused once the log has entries."""
    _run(url, lambda config: command.downgrade(config, revision))


def check(db: Database) -> None:
    """Refuse a database of another version, and one whose guards are gone."""
    with translated(), db.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        wanted = head()
        if found != wanted:
            raise SchemaMismatch(
                f"the database is at version {found or 'none'}, the program needs {wanted}: run kelsey init"
            )
        there = {row[0] for row in connection.execute(text(_TRIGGERS[connection.dialect.name]))}
    missing = sorted(wanted_triggers(sqlite=db.is_sqlite) - there)
    if missing:
        raise SchemaMismatch(f"the database has lost its guard {missing[0]}: have it restored before anything else")


@cache
def head() -> str:
    """The version this program was written for."""
    return str(ScriptDirectory.from_config(_config("sqlite://")).get_current_head())


def wanted_triggers(*, sqlite: bool) -> set[str]:
    """The triggers without which a table would only be append-only by good will."""
    acts = ("update", "delete", "replace") if sqlite else ("change", "truncate")
    return {f"{table}_refuses_{act}" for table in APPEND_ONLY for act in acts} | {
        "log_leaf_is_contiguous",
        "log_head_never_goes_back",
        "log_head_stays",
        "log_pending_stays_until_sequenced",
    }


def _run(url: str, step: object) -> None:
    db = Database(url)
    config = _config(url)
    config.attributes["engine"] = db.engine
    try:
        with translated():
            step(config)  # type: ignore[operator]
    finally:
        db.close()


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(paths.require(paths.MIGRATIONS)).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config
