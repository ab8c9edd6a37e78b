"""What is known, which never changes, and where each authorization, confirmation and dispense stands."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_LIVE = sa.text("status IN ('active', 'dispensed')")


def upgrade() -> None:
    """Create the tables of facts and states, with the rules the database keeps."""
    _facts()
    _authorizations()
    _dispenses()
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("input_hash", sa.LargeBinary, nullable=False),
        sa.Column("txn", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name="one_answer_per_key"),
        sqlite_strict=True,
    )


def _facts() -> None:
    op.create_table(
        "fact",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("patient", sa.Text, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("one_order_of_learning", "fact", ["patient", "recorded_at"], unique=True)
    op.create_table(
        "certification_fact",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False, index=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_strict=True,
    )


def _authorizations() -> None:
    op.create_table(
        "authorization",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("txn", sa.Text, nullable=False, unique=True),
        sa.Column("number", sa.Text, unique=True),
        sa.Column("patient", sa.Text, sa.ForeignKey("patient.id"), nullable=False, index=True),
        sa.Column("prescription", sa.Text, nullable=False),
        sa.Column("issued_at", sa.Text, nullable=False),
        sa.Column("ends_at", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.CheckConstraint(
            "status IN ('active', 'dispensed', 'expired', 'voided')", name="authorization_status_is_known"
        ),
        sqlite_strict=True,
    )
    _one_live("one_live_authorization", "authorization", "prescription")


def _dispenses() -> None:
    """Long because a schema is a list."""
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("txn", sa.Text, nullable=False, unique=True),
        sa.Column("number", sa.Text, unique=True),
        sa.Column("patient", sa.Text, sa.ForeignKey("patient.id"), nullable=False, index=True),
        sa.Column("prescription", sa.Text, nullable=False),
        sa.Column("authorization", sa.Text, sa.ForeignKey("authorization.id"), nullable=False),
        sa.Column("pharmacy", sa.Text, sa.ForeignKey("site.id"), nullable=False),
        sa.Column("issued_at", sa.Text, nullable=False),
        sa.Column("ends_at", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.CheckConstraint(
            "status IN ('active', 'dispensed', 'expired', 'voided', 'returned')",
            name="confirmation_status_is_known",
        ),
        sqlite_strict=True,
    )
    _one_live("one_live_confirmation", "confirmation", "authorization")
    op.create_table(
        "dispense",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("txn", sa.Text, nullable=False, unique=True),
        sa.Column("number", sa.Text, unique=True),
        sa.Column("patient", sa.Text, sa.ForeignKey("patient.id"), nullable=False, index=True),
        sa.Column("prescription", sa.Text, nullable=False),
        sa.Column("confirmation", sa.Text, sa.ForeignKey("confirmation.id"), nullable=False),
        sa.Column("pharmacy", sa.Text, sa.ForeignKey("site.id"), nullable=False),
        sa.Column("issued_at", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.CheckConstraint("status IN ('dispensed', 'reversed')", name="dispense_status_is_known"),
        sqlite_strict=True,
    )
    _one_live("one_live_dispense", "dispense", "prescription")
    _one_live("one_live_dispense_per_confirmation", "dispense", "confirmation")


def _one_live(name: str, table: str, column: str) -> None:
    op.create_index(name, table, [column], unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE)


def downgrade() -> None:
    """Remove facts and states; the log, which must be empty, went before."""
    tables = ("idempotency", "dispense", "confirmation", "authorization", "certification_fact", "fact")
    for table in tables:
        op.drop_table(table)
