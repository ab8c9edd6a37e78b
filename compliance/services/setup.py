"""The one step that makes a deployment: schema, keys, and the first entry of its log."""

from hashlib import sha256

from compliance.clock import SYSTEM, Clock
from compliance.ledger.entry import pending_body
from compliance.services import keys
from compliance.services.errors import Unavailable
from compliance.settings import Settings
from compliance.storage import log_rows, migrate
from compliance.storage.database import Database, Uow
from compliance.storage.errors import Clash, ClockDistrusted, SchemaMismatch, StorageUnavailable
from compliance.storage.log import LogKeeper

_GENESIS = "genesis"


def initialise(settings: Settings, clock: Clock = SYSTEM) -> None:
    """Prepare or bring up to date; running it again, or four times at once, changes nothing more."""
    if settings.uses_sqlite:
        settings.var.mkdir(parents=True, exist_ok=True)
    try:
        migrate.upgrade(settings.database_url)
        keys.make_missing(settings)
        db = Database(settings.database_url)
        try:
            _begin_log(LogKeeper(db, keys.read_signer(settings), clock), db)
        finally:
            db.close()
    except StorageUnavailable as error:
        raise Unavailable("STORAGE_UNAVAILABLE", "the database cannot be reached; nothing was prepared") from error
    except SchemaMismatch as error:
        raise Unavailable("SCHEMA_MISMATCH", str(error)) from error
    except ClockDistrusted as error:
        raise Unavailable("CLOCK_DISTRUSTED", str(error)) from error


def _begin_log(log: LogKeeper, db: Database) -> None:
    def begin(uow: Uow) -> None:
        if log_rows.take_head(uow).size or log_rows.pending(uow, 1):
            return
        key = sha256(log.vkey.encode()).hexdigest()
        body = pending_body(
            log=log.origin,
            entry_type="log.genesis",
            txn=_GENESIS,
            actor="system",
            site="none",
            refs={"key": key},
        )
        log.append(uow, _GENESIS, body)

    try:
        db.run(begin)
    except Clash:
        return  # another process began it between the look and the entry
    log.settle_all()
