"""The audit log for those who check it: entries, receipts, and the whole of it to take home."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from compliance.domain.access import Role, Verb
from compliance.ledger.bundle import write_bundle
from compliance.ledger.checkpoint import open_checkpoint
from compliance.ledger.entry import parse_leaf
from compliance.services.actor import Actor, permit
from compliance.services.acts import TEXT, Act, guarded, perform, prove
from compliance.services.app import App
from compliance.services.errors import Invalid, no_such
from compliance.services.records import readable_number
from compliance.storage import log_rows, states
from compliance.storage.log import Sequenced
from compliance.storage.log_rows import Leaf

MOST_ENTRIES = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log in the members people ask for, with the exact bytes that were signed."""

    idx: int
    at: str
    entry_type: str
    actor: str
    site: str
    outcome: str
    reasons: tuple[str, ...]
    txn: str
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Export:
    """A copy of the log in one file, and what to compare it with."""

    path: Path
    size: int
    root: str
    vkey: str


def log_vkey(app: App) -> str:
    """The log's public key, which anybody may have."""
    return app.log.vkey


def list_entries(app: App, actor: Actor, start: int = 0, limit: int = 100) -> list[Entry]:
    """Entries from an index on, oldest first."""
    permit(actor, Verb.READ_LOG)
    if start < 0 or not 0 < limit <= MOST_ENTRIES:
        raise Invalid(
            "RANGE_UNREADABLE",
            f"start at 0 or later and ask for 1 to {MOST_ENTRIES} entries",
            "limit",
            str(limit),
        )
    with guarded(), app.db.read() as uow:
        return [_entry(row) for row in log_rows.page(uow, start, limit)]


def log_size(app: App, actor: Actor) -> int:
    """How many entries there are."""
    permit(actor, Verb.READ_LOG)
    with guarded(), app.db.read() as uow:
        return log_rows.head(uow).size


def get_receipt(app: App, actor: Actor, number_or_txn: str) -> str:
    """The receipt of an entry, for those who hold the entry."""
    return get_proof(app, actor, number_or_txn).receipt


def get_proof(app: App, actor: Actor, number_or_txn: str) -> Sequenced:
    """An entry and its receipt: everybody for their own site's acts, oversight for all."""
    permit(actor, Verb.READ_RECEIPT)
    with guarded():
        with app.db.read() as uow:
            number = readable_number(number_or_txn)
            txn = states.txn_of_number(uow, number) if number else number_or_txn
            row = log_rows.leaf_of(uow, txn) if txn else None
            if row is None or not _may_see(actor, row):
                raise no_such("entry")
        return prove(app, row.txn)


def export_log(app: App, actor: Actor, path: str | os.PathLike[str], *, key: str = "") -> Export:
    """Write the whole log to a file that anybody can verify; that it was taken is its newest entry."""
    target = Path(path)

    def unit(act: Act) -> str:
        act.log("log.exported", refs={"size": log_rows.head(act.uow).size})
        return act.txn

    perform(app, actor, Verb.EXPORT_LOG, unit, TEXT, key=key, given=target.name)
    verifier = app.log.verifier
    with guarded(), app.db.read() as uow:
        size, note = log_rows.newest_checkpoint(uow)
        try:
            with _whole(target) as out:
                write_bundle(out, checkpoint_note=note, verifier=verifier, entries=log_rows.leaves(uow, size))
        except OSError as error:
            message = "give the path of a file in a folder that can be written to and has room"
            raise Invalid("PATH_UNUSABLE", message, "path") from error
    state = open_checkpoint(note, verifier)
    return Export(target, state.size, state.root.hex(), app.log.vkey)


@contextmanager
def _whole(target: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name only once it is complete."""
    handle, draft = tempfile.mkstemp(prefix=".kelsey-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
        Path(draft).replace(target)
    finally:
        Path(draft).unlink(missing_ok=True)


def _may_see(actor: Actor, row: Leaf) -> bool:
    return actor.role in (Role.AUDITOR, Role.ADMINISTRATOR) or parse_leaf(row.leaf)["site"] == actor.site


def _entry(row: Leaf) -> Entry:
    body = parse_leaf(row.leaf)
    return Entry(
        row.idx, body["t"], body["type"], body["actor"], body["site"], body.get("outcome", ""),
        tuple(body.get("reasons", ())), row.txn, row.leaf,
    )  # fmt: skip
