"""The one step by which a schema comes to be or changes, so that no server ever creates tables on its own.

`upgrade` runs under a lock that the database holds: started four times at once, it migrates once. Servers
only call `check`, which also makes sure that the triggers and unique rules behind the tables are still there.
"""

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text

from compliance import paths
from compliance.storage.database import Database
from compliance.storage.errors import SchemaMismatch
from compliance.storage.tables import APPEND_ONLY, metadata
from compliance.storage.translating import translated

LOCK = 7_305_221_947
"""The advisory lock that migrations hold on PostgreSQL; any fixed number will do."""

_GUARDS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'index')",
    "postgresql": (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') UNION ALL "
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indisunique AND i.indisvalid"
    ),
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
        there = {row[0] for row in connection.execute(text(_GUARDS[connection.dialect.name]))}
    missing = sorted(wanted_guards(sqlite=db.is_sqlite) - there)
    if missing:
        raise SchemaMismatch(f"the database has lost its guard {missing[0]}: have it restored before anything else")


@cache
def head() -> str:
    """The version this program was written for."""
    return str(ScriptDirectory.from_config(_config("sqlite://")).get_current_head())


def wanted_guards(*, sqlite: bool) -> set[str]:
    """Triggers and unique rules without which the tables would be kept in order by good will alone."""
    acts = ("update", "delete", "replace") if sqlite else ("change", "truncate")
    guards = {f"{table}_refuses_{act}" for table in APPEND_ONLY for act in acts}
    guards |= {str(index.name) for table in metadata.tables.values() for index in table.indexes if index.unique}
    if not sqlite:
        guards |= {"log_head_refuses_truncate", "log_pending_refuses_truncate"}
    return guards | {
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
    except CommandError as error:
        raise SchemaMismatch(f"the database is of a version this program does not know: {error}") from error
    finally:
        db.close()


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(paths.require(paths.MIGRATIONS)).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config
