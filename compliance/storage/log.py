"""The log's keeper: entries are committed with their act, then given their place by one sequencer for all.

Whoever holds the sequencer's lock takes every entry that waits, so that under load many entries share one
signature and one commit; the others find theirs done. Place and time are given under the lock of the log's
head and nowhere else.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from compliance.clock import Clock
from compliance.domain.wire import write_instant
from compliance.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from compliance.ledger.entry import seal
from compliance.ledger.errors import LedgerError
from compliance.ledger.merkle import (
    Frontier,
    inclusion_proof,
    leaf_hash,
    nodes_for_inclusion,
    nodes_for_root,
)
from compliance.ledger.note import Signer, Verifier
from compliance.ledger.proof import make_receipt, number_from_leaf
from compliance.storage import log_rows, states
from compliance.storage.database import Database, Uow
from compliance.storage.errors import ClockDistrusted, LogBroken, StorageUnavailable
from compliance.storage.log_rows import Head, Pending

BATCH = 256
_TOLERATED = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Sequenced:
    """An entry in its place, with the receipt that proves it."""

    idx: int
    leaf: bytes
    receipt: str


class LogKeeper:
    """Appends to the log of one database with one key."""

    def __init__(self, db: Database, signer: Signer, clock: Clock) -> None:
        self._db = db
        self._signer = signer
        self._clock = clock
        self._turn = threading.Lock()
        self._waiting: set[str] = set()
        self._done: dict[str, Sequenced] = {}

    @property
    def origin(self) -> str:
        """The name of the log, which is the name of its key."""
        return self._signer.name

    @property
    def verifier(self) -> Verifier:
        """What checks a signature of this log."""
        return self._signer.verifier

    @property
    def vkey(self) -> str:
        """The public key with which anybody can check this log."""
        return self._signer.vkey

    def append(self, uow: Uow, txn: str, body: bytes, *, releases: str = "") -> None:
        """Put an entry into the caller's transaction, so that act and entry are committed together."""
        log_rows.insert_pending(uow, txn, body, releases)

    def check_clock(self, uow: Uow, now: datetime) -> None:
        """Refuse to act at a time before the newest entry's."""
        _not_before(log_rows.head(uow).last_at, now)

    def settle(self, txn: str) -> Sequenced:
        """Give a committed entry its place, or find the one it was given, and prove it."""
        with _Waiting(self._waiting, self._done, txn), self._turn:
            found = self._done.pop(txn, None)
            while found is None and self._sequence():
                found = self._done.pop(txn, None)
        return found if found is not None else self.find(txn)

    def settle_all(self) -> int:
        """Sequence whatever was committed and left behind, for instance by a crash; say how many."""
        total = 0
        with self._turn:
            while taken := self._sequence():
                total += taken
        return total

    def find(self, txn: str) -> Sequenced:
        """Prove an entry that already has its place, under the newest checkpoint."""
        with self._db.read() as uow:
            row = log_rows.leaf_of(uow, txn)
            if row is None:
                raise StorageUnavailable("the entry is not in the log")
            size, note = log_rows.newest_checkpoint(uow)
            nodes = log_rows.nodes(uow, nodes_for_inclusion(row.idx, size))
        proof = inclusion_proof(row.idx, size, lambda level, index: nodes[level, index])
        return Sequenced(row.idx, row.leaf, make_receipt(row.idx, proof, note))

    def check(self) -> None:
        """Refuse a log that its own key did not sign, or whose head is not what was signed."""
        with self._db.read() as uow:
            head = log_rows.head(uow)
            if head.size == 0:
                return
            size, note = log_rows.newest_checkpoint(uow)
            leaves = log_rows.count_after(uow, head.size)
        try:
            signed = open_checkpoint(note, self._signer.verifier)
        except LedgerError as error:
            raise LogBroken(f"the log was signed by another key than {self.origin}'s") from error
        root = Frontier.from_bytes(head.size, head.frontier).root()
        if (size, signed.size, signed.root, leaves) != (head.size, head.size, root, 0):
            raise LogBroken("the head of the log is not what its newest checkpoint says")

    def _sequence(self) -> int:
        sealed = self._db.run(self._take_batch)
        for txn, entry in sealed:
            if txn in self._waiting:
                self._done[txn] = entry
        return len(sealed)

    def _take_batch(self, uow: Uow) -> list[tuple[str, Sequenced]]:
        head = log_rows.take_head(uow)
        waiting = log_rows.pending(uow, BATCH)
        if not waiting:
            return []
        at = _time_of(_not_before(head.last_at, self._clock.now()))
        batch = _Batch(head, at)
        for entry in waiting:
            batch.add(entry)
        note = sign_checkpoint(Checkpoint(self.origin, batch.frontier.size, batch.frontier.root()), self._signer)
        done = [entry.id for entry in waiting]
        log_rows.store(uow, batch.rows(), batch.new_nodes, batch.head(), note=note, done=done)
        for entry, leaf in zip(waiting, batch.hashes, strict=True):
            if entry.releases:
                states.release(uow, entry.releases, entry.txn, number_from_leaf(leaf))
        return batch.receipts(note)


class _Waiting:
    """Says that a thread wants to hear about its entry, and forgets it whatever happens."""

    def __init__(self, waiting: set[str], done: dict[str, Sequenced], txn: str) -> None:
        self._waiting, self._done, self._txn = waiting, done, txn

    def __enter__(self) -> None:
        self._waiting.add(self._txn)

    def __exit__(self, *_: object) -> None:
        self._waiting.discard(self._txn)
        self._done.pop(self._txn, None)


class _Batch:
    """Entries on their way into the log; every node their proofs need is at hand."""

    def __init__(self, head: Head, at: str) -> None:
        self.frontier = Frontier.from_bytes(head.size, head.frontier)
        self.hashes: list[bytes] = []
        self.new_nodes: list[tuple[int, int, bytes]] = []
        self._first, self._at = head.size, at
        self._known = dict(zip(nodes_for_root(head.size), self.frontier.hashes, strict=True))
        self._entries: list[tuple[str, bytes]] = []

    def add(self, entry: Pending) -> None:
        """Seal one entry at the next place."""
        leaf = seal(entry.body, self.frontier.size, self._at)
        digest = leaf_hash(leaf)
        self._entries.append((entry.txn, leaf))
        self.hashes.append(digest)
        for level, index, node in self.frontier.append(digest):
            self.new_nodes.append((level, index, node))
            self._known[level, index] = node

    def rows(self) -> list[dict[str, object]]:
        """The leaves as they are stored."""
        return [
            {"idx": self._first + place, "txn": txn, "hash": digest, "leaf": leaf}
            for place, ((txn, leaf), digest) in enumerate(zip(self._entries, self.hashes, strict=True))
        ]

    def head(self) -> Head:
        """The log's head after these entries."""
        return Head(self.frontier.size, self.frontier.to_bytes(), self._at)

    def receipts(self, note: str) -> list[tuple[str, Sequenced]]:
        """Each entry with its proof under the new checkpoint."""
        out = []
        for place, (txn, leaf) in enumerate(self._entries, self._first):
            proof = inclusion_proof(place, self.frontier.size, lambda level, index: self._known[level, index])
            out.append((txn, Sequenced(place, leaf, make_receipt(place, proof, note))))
        return out


def _not_before(last_at: str, now: datetime) -> datetime:
    if not last_at:
        return now
    last = datetime.fromisoformat(last_at)
    if now < last - _TOLERATED:
        raise ClockDistrusted(f"the clock shows {_time_of(now)}, the newest log entry is of {last_at}")
    return max(now, last)


def _time_of(moment: datetime) -> str:
    return f"{write_instant(moment)[:-4]}Z"
