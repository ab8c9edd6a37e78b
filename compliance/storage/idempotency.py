"""Answers kept under the caller's key, so that a request sent twice acts once."""

from typing import NamedTuple

from sqlalchemy import bindparam, select

from compliance.storage.database import Prepared, Uow
from compliance.storage.tables import idempotency

_FIND = Prepared(
    select(idempotency.c.input_hash, idempotency.c.txn, idempotency.c.answer).where(
        idempotency.c.actor == bindparam("of_actor"), idempotency.c.key == bindparam("of_key")
    )
)
_INSERT = Prepared(idempotency.insert())


class Kept(NamedTuple):
    """An answer given before, and the hash of what was asked."""

    input_hash: bytes
    txn: str
    answer: str


def find(uow: Uow, actor: str, key: str) -> Kept | None:
    """The answer kept under this actor's key."""
    row = uow.row(_FIND, {"of_actor": actor, "of_key": key})
    return None if row is None else Kept(*row)


def keep(uow: Uow, *, actor: str, key: str, input_hash: bytes, txn: str, answer: str, created_at: str) -> None:
    """Keep an answer; the database refuses a second one under the same key."""
    row = {"actor": actor, "key": key, "input_hash": input_hash, "txn": txn, "answer": answer}
    uow.do(_INSERT, row | {"created_at": created_at})
