"""Who takes part: sites, people and how they sign in, patients and what they are called elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables of people and patients."""
    _people()
    _patients()


def _people() -> None:
    """Long because a schema is a list."""
    op.create_table(
        "site",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.CheckConstraint("kind IN ('clinic', 'pharmacy', 'office')", name="site_kind_is_known"),
        sqlite_strict=True,
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("site", sa.Text, sa.ForeignKey("site.id"), nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("is_active", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.UniqueConstraint("username", name="one_person_per_username"),
        sa.CheckConstraint("role IN ('prescriber', 'pharmacist', 'auditor', 'administrator')", name="role_is_known"),
        sqlite_strict=True,
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("person", sa.Text, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("seen_at", sa.Text, nullable=False),
        sa.Column("ends_at", sa.Text, nullable=False),
        sa.Column("revoked_at", sa.Text),
        sqlite_strict=True,
    )
    op.create_table(
        "api_key",
        sa.Column("key_hash", sa.LargeBinary, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("person", sa.Text, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("revoked_at", sa.Text),
        sqlite_strict=True,
    )
    op.create_table(
        "lockout",
        sa.Column("name_hash", sa.LargeBinary, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failed_at", sa.Text, nullable=False, index=True),
        sa.Column("locked_until", sa.Text, nullable=False),
        sqlite_strict=True,
    )


def _patients() -> None:
    op.create_table(
        "patient",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("site", sa.Text, sa.ForeignKey("site.id"), nullable=False),
        sa.Column("family_name", sa.Text, nullable=False),
        sa.Column("given_name", sa.Text, nullable=False),
        sa.Column("search_name", sa.Text, nullable=False),
        sa.Column("birth_date", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("learned_at", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("patient_by_name", "patient", ["site", "search_name"])
    op.create_table(
        "patient_identifier",
        sa.Column("site", sa.Text, sa.ForeignKey("site.id"), nullable=False),
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("patient", sa.Text, sa.ForeignKey("patient.id"), nullable=False, index=True),
        sa.PrimaryKeyConstraint("site", "system", "value", name="one_patient_per_identifier"),
        sqlite_strict=True,
    )
    op.create_table(
        "subject_key",
        sa.Column("patient", sa.Text, sa.ForeignKey("patient.id"), primary_key=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Remove the tables of people and patients; the log, which must be empty, went before."""
    for table in ("subject_key", "patient_identifier", "patient"):
        op.drop_table(table)
    for table in ("lockout", "api_key", "session", "person", "site"):
        op.drop_table(table)
