"""The log's rows. Nothing here decides about places or times; see `log`."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, func, or_, select, update

from compliance.storage.database import Prepared, Uow
from compliance.storage.errors import LogBroken
from compliance.storage.tables import (
    log_checkpoint,
    log_disclosure,
    log_head,
    log_leaf,
    log_node,
    log_pending,
    subject_key,
)


class Head(NamedTuple):
    """How far the log has come."""

    size: int
    frontier: bytes
    last_at: str


class Pending(NamedTuple):
    """An entry that waits for its place."""

    id: int
    txn: str
    body: bytes
    releases: str


class Leaf(NamedTuple):
    """An entry in its place."""

    idx: int
    txn: str
    leaf: bytes


_HEAD = select(log_head.c.size, log_head.c.frontier, log_head.c.last_at).where(log_head.c.id == 1)
_LOOK, _TAKE_HEAD = Prepared(_HEAD), Prepared(_HEAD.with_for_update())
_MOVE_HEAD = Prepared(
    update(log_head)
    .where(log_head.c.id == 1)
    .values(size=bindparam("new_size"), frontier=bindparam("new_frontier"), last_at=bindparam("new_last_at"))
)
_PENDING = Prepared(
    select(log_pending.c.id, log_pending.c.txn, log_pending.c.body, log_pending.c.releases)
    .order_by(log_pending.c.id)
    .limit(bindparam("most"))
)
_DONE = Prepared(delete(log_pending).where(log_pending.c.id == bindparam("done")))
_LEAVES = select(log_leaf.c.idx, log_leaf.c.txn, log_leaf.c.leaf)
_LEAF_OF = Prepared(_LEAVES.where(log_leaf.c.txn == bindparam("of_txn")))
_NEWEST = select(log_checkpoint.c.size, log_checkpoint.c.note).order_by(log_checkpoint.c.size.desc()).limit(1)
_INSERT_PENDING = Prepared(log_pending.insert().values({name: bindparam(name) for name in ("txn", "body", "releases")}))
_INSERT_LEAF, _INSERT_NODE = Prepared(log_leaf.insert()), Prepared(log_node.insert())
_INSERT_CHECKPOINT, _INSERT_DISCLOSURE = Prepared(log_checkpoint.insert()), Prepared(log_disclosure.insert())
_PAGE = 1000
_MOST_NODES = 400


def insert_pending(uow: Uow, txn: str, body: bytes, releases: str) -> None:
    """Store an entry that waits."""
    uow.do(_INSERT_PENDING, {"txn": txn, "body": body, "releases": releases})


def head(uow: Uow) -> Head:
    """The head, without holding it."""
    return _head(uow.row(_LOOK))


def take_head(uow: Uow) -> Head:
    """The head, held until the end of the transaction: there is one sequencer at a time."""
    return _head(uow.row(_TAKE_HEAD))


def pending(uow: Uow, limit: int) -> list[Pending]:
    """The entries that wait and are visible; never `id > last seen`, which would skip late commits."""
    return [Pending(*row) for row in uow.rows(_PENDING, {"most": limit})]


def store(
    uow: Uow,
    leaves: list[dict[str, Any]],
    nodes: Iterable[tuple[int, int, bytes]],
    new_head: Head,
    *,
    note: str,
    done: list[int],
) -> None:
    """Store a batch: leaves, nodes, checkpoint and head; what waited, waits no more."""
    uow.do_all(_INSERT_LEAF, leaves)
    uow.do_all(_INSERT_NODE, [{"level": level, "idx": index, "hash": node} for level, index, node in nodes])
    uow.do(_INSERT_CHECKPOINT, {"size": new_head.size, "note": note})
    uow.do(
        _MOVE_HEAD,
        {"new_size": new_head.size, "new_frontier": new_head.frontier, "new_last_at": new_head.last_at},
    )
    uow.do_all(_DONE, [{"done": one} for one in done])


def leaf_of(uow: Uow, txn: str) -> Leaf | None:
    """The entry of one act."""
    row = uow.row(_LEAF_OF, {"of_txn": txn})
    return None if row is None else Leaf(*row)


def newest_checkpoint(uow: Uow) -> tuple[int, str]:
    """The newest signed state."""
    row = uow.execute(_NEWEST).first()
    if row is None:
        raise LogBroken("the log has entries and no checkpoint")
    return row[0], row[1]


def nodes(uow: Uow, wanted: list[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """Stored hashes of the tree, in one query."""
    if not wanted:
        return {}
    these = or_(*(and_(log_node.c.level == level, log_node.c.idx == index) for level, index in wanted[:_MOST_NODES]))
    rows = uow.execute(select(log_node.c.level, log_node.c.idx, log_node.c.hash).where(these))
    return {(level, index): digest for level, index, digest in rows}


def page(uow: Uow, start: int, limit: int) -> list[Leaf]:
    """Entries from an index on."""
    rows = uow.execute(_LEAVES.where(log_leaf.c.idx >= start).order_by(log_leaf.c.idx).limit(limit))
    return [Leaf(*row) for row in rows]


def leaves(uow: Uow, size: int) -> Iterator[bytes]:
    """The leaves below a size, in order, a page at a time."""
    for start in range(0, size, _PAGE):
        for row in page(uow, start, min(_PAGE, size - start)):
            yield row.leaf


def count_after(uow: Uow, size: int) -> int:
    """How many leaves stand at or after an index; none should beyond the head."""
    found: int = uow.execute(select(func.count()).select_from(log_leaf).where(log_leaf.c.idx >= size)).scalar_one()
    return found


def insert_disclosure(uow: Uow, txn: str, patient: str, sealed: bytes) -> None:
    """Store what an entry hides, sealed."""
    uow.do(_INSERT_DISCLOSURE, {"txn": txn, "patient": patient, "sealed": sealed})


def disclosure(uow: Uow, txn: str) -> tuple[str, bytes, bytes] | None:
    """What an entry hides: patient, sealed text and the wrapped key; None once the key is gone."""
    joined = log_disclosure.join(subject_key, subject_key.c.patient == log_disclosure.c.patient)
    row = uow.execute(
        select(log_disclosure.c.patient, log_disclosure.c.sealed, subject_key.c.wrapped)
        .select_from(joined)
        .where(log_disclosure.c.txn == txn)
    ).first()
    return None if row is None else (row[0], row[1], row[2])


def _head(row: Any) -> Head:
    if row is None:
        raise LogBroken("the log has no head")
    return Head(*row)
