"""The audit log, and the triggers by which the database itself refuses to change or lose a row."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_APPEND_ONLY = {
    "fact": "id",
    "certification_fact": "id",
    "log_leaf": "idx",
    "log_node": "level, idx",
    "log_checkpoint": "size",
    "log_disclosure": "txn",
}
_FUNCTIONS = (
    "refuse_change",
    "refuse_truncate",
    "refuse_gap_in_log",
    "refuse_older_head",
    "refuse_loss_of_pending",
)


def upgrade() -> None:
    """Create the log's tables and all guards."""
    _tables()
    if op.get_bind().dialect.name == "postgresql":
        _postgres_guards()
    else:
        _sqlite_guards()


def _tables() -> None:
    """Long because a schema is a list."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("size", number, nullable=False),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
        sa.Column("last_at", sa.Text, nullable=False),
        sa.CheckConstraint("id = 1", name="there_is_one_head"),
        sqlite_strict=True,
    )
    op.create_table(
        "log_leaf",
        sa.Column("idx", number, primary_key=True, autoincrement=False),
        sa.Column("txn", sa.Text, nullable=False, unique=True),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "log_node",
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("idx", number, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("level", "idx", name="one_hash_per_node"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("size", number, primary_key=True, autoincrement=False),
        sa.Column("note", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "log_pending",
        sa.Column("id", number, primary_key=True, autoincrement=True),
        sa.Column("txn", sa.Text, nullable=False, unique=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("releases", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "log_disclosure",
        sa.Column("txn", sa.Text, primary_key=True),
        sa.Column("patient", sa.Text, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    empty = "''" if _is_postgres() else "x''"
    op.execute(f"INSERT INTO log_head (id, size, frontier, last_at) VALUES (1, 0, {empty}, '')")  # noqa: S608


def _is_postgres() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _sqlite_guards() -> None:
    """Long because a schema is a list."""
    for table, key in _APPEND_ONLY.items():
        same = " AND ".join(f"{column} = NEW.{column}" for column in key.split(", "))
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        # INSERT OR REPLACE deletes without asking the trigger above unless recursive_triggers is on.
        op.execute(
            f"CREATE TRIGGER {table}_refuses_replace BEFORE INSERT ON {table} "  # noqa: S608 - own names
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    op.execute(
        "CREATE TRIGGER log_leaf_is_contiguous BEFORE INSERT ON log_leaf "
        "WHEN NEW.idx <> (SELECT COALESCE(MAX(idx) + 1, 0) FROM log_leaf) "
        "BEGIN SELECT RAISE(ABORT, 'log_leaf has no gaps'); END"
    )
    op.execute(
        "CREATE TRIGGER log_head_never_goes_back BEFORE UPDATE ON log_head "
        "WHEN NEW.size < OLD.size OR NEW.last_at < OLD.last_at OR NEW.id <> OLD.id "
        "BEGIN SELECT RAISE(ABORT, 'log_head never goes back'); END"
    )
    op.execute(
        "CREATE TRIGGER log_head_stays BEFORE DELETE ON log_head BEGIN SELECT RAISE(ABORT, 'log_head stays'); END"
    )
    op.execute(
        "CREATE TRIGGER log_pending_stays_until_sequenced BEFORE DELETE ON log_pending "
        "WHEN NOT EXISTS (SELECT 1 FROM log_leaf WHERE txn = OLD.txn) "
        "BEGIN SELECT RAISE(ABORT, 'a pending entry stays until it is sequenced'); END"
    )


def _postgres_guards() -> None:
    op.execute("ALTER TABLE log_leaf ADD CONSTRAINT hash_is_of_the_leaf CHECK (hash = sha256('\\x00'::bytea || leaf))")
    _function("refuse_change", "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23001';")
    _function(
        "refuse_gap_in_log",
        "IF NEW.idx <> (SELECT COALESCE(MAX(idx) + 1, 0) FROM log_leaf) THEN "
        "RAISE EXCEPTION 'log_leaf has no gaps' USING ERRCODE = '23001'; END IF; RETURN NEW;",
    )
    _function(
        "refuse_older_head",
        "IF NEW.size < OLD.size OR NEW.last_at < OLD.last_at OR NEW.id <> OLD.id THEN "
        "RAISE EXCEPTION 'log_head never goes back' USING ERRCODE = '23001'; END IF; RETURN NEW;",
    )
    _function(
        "refuse_loss_of_pending",
        "IF NOT EXISTS (SELECT 1 FROM log_leaf WHERE txn = OLD.txn) THEN "
        "RAISE EXCEPTION 'a pending entry stays until it is sequenced' USING ERRCODE = '23001'; "
        "END IF; RETURN OLD;",
    )
    for table in _APPEND_ONLY:
        _trigger(f"{table}_refuses_change", "BEFORE UPDATE OR DELETE", table, "ROW", "refuse_change")
        _trigger(f"{table}_refuses_truncate", "BEFORE TRUNCATE", table, "STATEMENT", "refuse_change")
    _trigger("log_leaf_is_contiguous", "BEFORE INSERT", "log_leaf", "ROW", "refuse_gap_in_log")
    _trigger("log_head_never_goes_back", "BEFORE UPDATE", "log_head", "ROW", "refuse_older_head")
    _trigger("log_head_stays", "BEFORE DELETE", "log_head", "ROW", "refuse_change")
    _trigger("log_head_refuses_truncate", "BEFORE TRUNCATE", "log_head", "STATEMENT", "refuse_change")
    _trigger("log_pending_refuses_truncate", "BEFORE TRUNCATE", "log_pending", "STATEMENT", "refuse_change")
    _trigger("log_pending_stays_until_sequenced", "BEFORE DELETE", "log_pending", "ROW", "refuse_loss_of_pending")


def _function(name: str, body: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")


def _trigger(name: str, when: str, table: str, each: str, function: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()")


def downgrade() -> None:
    """Remove the log, but only an empty one: evidence is not undone by going back a version."""
    bind = op.get_bind()
    for table in ("log_leaf", "log_pending", "fact", "certification_fact"):
        if bind.execute(sa.text(f"SELECT 1 FROM {table} LIMIT 1")).first() is not None:  # noqa: S608 - own names
            raise RuntimeError(f"{table} is not empty: a version that holds evidence is never taken back")
    tables = ("log_disclosure", "log_pending", "log_checkpoint", "log_node", "log_leaf", "log_head")
    for table in tables:
        op.drop_table(table)
    if _is_postgres():
        for table in ("fact", "certification_fact"):
            op.execute(f"DROP TRIGGER {table}_refuses_change ON {table}")
            op.execute(f"DROP TRIGGER {table}_refuses_truncate ON {table}")
        for name in _FUNCTIONS:
            op.execute(f"DROP FUNCTION IF EXISTS {name}()")
    else:
        for table in ("fact", "certification_fact"):
            for act in ("update", "delete", "replace"):
                op.execute(f"DROP TRIGGER {table}_refuses_{act}")
