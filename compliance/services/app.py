"""Everything services need of the running programme, in one value that is passed down and never looked up."""

from dataclasses import dataclass, field
from threading import BoundedSemaphore

from compliance.clock import SYSTEM, Clock
from compliance.policies import Catalogue, load_catalogue
from compliance.services import keys
from compliance.services.errors import Unavailable
from compliance.services.reads import Reads
from compliance.settings import Settings
from compliance.storage import migrate
from compliance.storage.database import Database
from compliance.storage.errors import LogBroken, RecordUnreadable, SchemaMismatch, StorageUnavailable
from compliance.storage.log import LogKeeper
from compliance.storage.sealing import Vault

_PASSWORDS_AT_ONCE = 2


@dataclass(frozen=True)
class App:
    """A running programme; several threads share one."""

    db: Database
    settings: Settings
    clock: Clock
    policies: Catalogue
    log: LogKeeper
    vault: Vault
    reads: Reads = field(default_factory=Reads)
    passwords: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(_PASSWORDS_AT_ONCE))
    """Checking a password costs much memory and time on purpose, so only so many are checked at once."""

    def close(self) -> None:
        """Let go of the database."""
        self.db.close()


def open_app(settings: Settings, clock: Clock = SYSTEM, policies: Catalogue | None = None) -> App:
    """Open a programme that `initialise` has prepared; refuse one whose schema, keys or log do not fit."""
    db = Database(settings.database_url)
    try:
        migrate.check(db)
        log = LogKeeper(db, keys.read_signer(settings), clock)
        log.check()
        vault = Vault(keys.read_data_key(settings))
    except (SchemaMismatch, LogBroken, StorageUnavailable, RecordUnreadable) as error:
        db.close()
        raise Unavailable(_CODES[type(error)], str(error)) from error
    except Unavailable:
        db.close()
        raise
    return App(db, settings, clock, policies or load_catalogue(layers=settings.layers), log, vault)


_CODES: dict[type[Exception], str] = {
    SchemaMismatch: "SCHEMA_MISMATCH",
    LogBroken: "LOG_BROKEN",
    StorageUnavailable: "STORAGE_UNAVAILABLE",
    RecordUnreadable: "KEY_UNREADABLE",
}
