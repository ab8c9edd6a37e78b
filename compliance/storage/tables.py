"""All tables in one place, so that the migrations can be compared with what the program expects.

Long because a schema that is split over files cannot be read.

Times are UTC text with microseconds: they sort as they should and mean the same on both databases.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()
Number = BigInteger().with_variant(Integer(), "sqlite")

site = Table(
    "site",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    CheckConstraint("kind IN ('clinic', 'pharmacy', 'office')", name="site_kind_is_known"),
    sqlite_strict=True,
)

person = Table(
    "person",
    metadata,
    Column("id", Text, primary_key=True),
    Column("username", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("site", Text, ForeignKey("site.id"), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("is_active", Integer, nullable=False),
    Column("created_at", Text, nullable=False),
    UniqueConstraint("username", name="one_person_per_username"),
    CheckConstraint("role IN ('prescriber', 'pharmacist', 'auditor', 'administrator')", name="role_is_known"),
    sqlite_strict=True,
)

session = Table(
    "session",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("person", Text, ForeignKey("person.id"), nullable=False, index=True),
    Column("created_at", Text, nullable=False),
    Column("seen_at", Text, nullable=False),
    Column("ends_at", Text, nullable=False),
    Column("revoked_at", Text),
    sqlite_strict=True,
)

api_key = Table(
    "api_key",
    metadata,
    Column("key_hash", LargeBinary, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("person", Text, ForeignKey("person.id"), nullable=False, index=True),
    Column("created_at", Text, nullable=False),
    Column("revoked_at", Text),
    sqlite_strict=True,
)

lockout = Table(
    "lockout",
    metadata,
    Column("name_hash", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failed_at", Text, nullable=False, index=True),
    Column("locked_until", Text, nullable=False),
    sqlite_strict=True,
)

patient = Table(
    "patient",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, ForeignKey("site.id"), nullable=False),
    Column("family_name", Text, nullable=False),
    Column("given_name", Text, nullable=False),
    Column("search_name", Text, nullable=False),
    Column("birth_date", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("learned_at", Text, nullable=False),
    Index("patient_by_name", "site", "search_name"),
    sqlite_strict=True,
)
"""The row that every writer locks first. `learned_at` is the newest `recorded_at`: facts have one order."""

patient_identifier = Table(
    "patient_identifier",
    metadata,
    Column("site", Text, ForeignKey("site.id"), nullable=False),
    Column("system", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("patient", Text, ForeignKey("patient.id"), nullable=False, index=True),
    PrimaryKeyConstraint("site", "system", "value", name="one_patient_per_identifier"),
    sqlite_strict=True,
)

subject_key = Table(
    "subject_key",
    metadata,
    Column("patient", Text, ForeignKey("patient.id"), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    sqlite_strict=True,
)
"""One data key for each patient: destroying the row closes the disclosures of the log for ever."""

fact = Table(
    "fact",
    metadata,
    Column("id", Text, primary_key=True),
    Column("patient", Text, ForeignKey("patient.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("one_order_of_learning", "patient", "recorded_at", unique=True),
    sqlite_strict=True,
)

certification_fact = Table(
    "certification_fact",
    metadata,
    Column("id", Text, primary_key=True),
    Column("subject", Text, nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_strict=True,
)

_LIVE = text("status IN ('active', 'dispensed')")

authorization = Table(
    "authorization",
    metadata,
    Column("id", Text, primary_key=True),
    Column("txn", Text, nullable=False, unique=True),
    Column("number", Text, unique=True),
    Column("patient", Text, ForeignKey("patient.id"), nullable=False, index=True),
    Column("prescription", Text, nullable=False),
    Column("issued_at", Text, nullable=False),
    Column("ends_at", Text, nullable=False),
    Column("status", Text, nullable=False),
    Index("one_live_authorization", "prescription", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    CheckConstraint("status IN ('active', 'dispensed', 'expired', 'voided')", name="authorization_status_is_known"),
    sqlite_strict=True,
)
"""`number` stays NULL until the log holds the decision: a number that was not logged cannot be read out."""

confirmation = Table(
    "confirmation",
    metadata,
    Column("id", Text, primary_key=True),
    Column("txn", Text, nullable=False, unique=True),
    Column("number", Text, unique=True),
    Column("patient", Text, ForeignKey("patient.id"), nullable=False, index=True),
    Column("prescription", Text, nullable=False),
    Column("authorization", Text, ForeignKey("authorization.id"), nullable=False),
    Column("pharmacy", Text, ForeignKey("site.id"), nullable=False),
    Column("issued_at", Text, nullable=False),
    Column("ends_at", Text, nullable=False),
    Column("status", Text, nullable=False),
    Index("one_live_confirmation", "authorization", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    CheckConstraint(
        "status IN ('active', 'dispensed', 'expired', 'voided', 'returned')",
        name="confirmation_status_is_known",
    ),
    sqlite_strict=True,
)

dispense = Table(
    "dispense",
    metadata,
    Column("id", Text, primary_key=True),
    Column("txn", Text, nullable=False, unique=True),
    Column("number", Text, unique=True),
    Column("patient", Text, ForeignKey("patient.id"), nullable=False, index=True),
    Column("prescription", Text, nullable=False),
    Column("confirmation", Text, ForeignKey("confirmation.id"), nullable=False),
    Column("pharmacy", Text, ForeignKey("site.id"), nullable=False),
    Column("issued_at", Text, nullable=False),
    Column("status", Text, nullable=False),
    Index("one_live_dispense", "prescription", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    Index(
        "one_live_dispense_per_confirmation",
        "confirmation",
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    ),
    CheckConstraint("status IN ('dispensed', 'reversed')", name="dispense_status_is_known"),
    sqlite_strict=True,
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("actor", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("input_hash", LargeBinary, nullable=False),
    Column("txn", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    PrimaryKeyConstraint("actor", "key", name="one_answer_per_key"),
    sqlite_strict=True,
)

log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("size", Number, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("last_at", Text, nullable=False),
    CheckConstraint("id = 1", name="there_is_one_head"),
    sqlite_strict=True,
)

log_leaf = Table(
    "log_leaf",
    metadata,
    Column("idx", Number, primary_key=True, autoincrement=False),
    Column("txn", Text, nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    sqlite_strict=True,
)

log_node = Table(
    "log_node",
    metadata,
    Column("level", Integer, nullable=False),
    Column("idx", Number, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("level", "idx", name="one_hash_per_node"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

log_checkpoint = Table(
    "log_checkpoint",
    metadata,
    Column("size", Number, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    sqlite_strict=True,
)

log_pending = Table(
    "log_pending",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("txn", Text, nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
    Column("releases", Text, nullable=False),
    sqlite_strict=True,
)
"""Entries committed with their act and not yet sequenced; `releases` names the table whose number waits."""

log_disclosure = Table(
    "log_disclosure",
    metadata,
    Column("txn", Text, primary_key=True),
    Column("patient", Text, ForeignKey("patient.id"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_strict=True,
)
"""What the commitments of an entry hide, sealed under the patient's own key."""

APPEND_ONLY = ("fact", "certification_fact", "log_leaf", "log_node", "log_checkpoint", "log_disclosure")
"""Rows of these tables never change and never go; the database refuses it."""
