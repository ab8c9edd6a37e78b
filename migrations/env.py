"""Runs migrations one process at a time, because several servers may be told to migrate at once."""

from alembic import context
from sqlalchemy import Engine, text

from compliance.storage.migrate import LOCK
from compliance.storage.tables import metadata


def run() -> None:
    """Take the lock, then look at the version, then migrate, all in one transaction."""
    engine: Engine = context.config.attributes["engine"]
    with engine.begin() as connection:  # on SQLite this is BEGIN IMMEDIATE: one writer at a time
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
        with context.begin_transaction():
            context.run_migrations()


run()
