"""Where each authorization, confirmation and dispense stands now; the facts say how it came to that.

A change names the status it starts from, so that a row another transaction has moved on is not moved again.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Select, Table, bindparam, or_, select, update

from compliance.storage.database import Prepared, Uow
from compliance.storage.tables import authorization, confirmation, dispense


class AuthorizationRow(NamedTuple):
    """An authorization as it stands; `ends_at` is "" when it has no end of its own."""

    id: str
    number: str | None
    patient: str
    prescription: str
    issued_at: str
    ends_at: str
    status: str


class ConfirmationRow(NamedTuple):
    """A confirmation as it stands."""

    id: str
    number: str | None
    patient: str
    prescription: str
    authorization: str
    pharmacy: str
    issued_at: str
    ends_at: str
    status: str


class DispenseRow(NamedTuple):
    """A dispense as it stands."""

    id: str
    number: str | None
    patient: str
    prescription: str
    confirmation: str
    pharmacy: str
    issued_at: str
    status: str


def _columns(table: Table, row: Any) -> Select[Any]:
    return select(*(table.c[name] for name in row._fields))


_AUTHORIZATIONS = _columns(authorization, AuthorizationRow)
_CONFIRMATIONS = _columns(confirmation, ConfirmationRow)
_DISPENSES = _columns(dispense, DispenseRow)
_LIVE_AUTHORIZATION = Prepared(
    _AUTHORIZATIONS.where(
        authorization.c.prescription == bindparam("of_prescription"), authorization.c.status == "active"
    )
)
_LIVE_CONFIRMATION = Prepared(
    _CONFIRMATIONS.where(confirmation.c.authorization == bindparam("under"), confirmation.c.status == "active")
)
_BY_NUMBER = Prepared(_AUTHORIZATIONS.where(authorization.c.number == bindparam("given")))
_AUTHORIZATION = Prepared(_AUTHORIZATIONS.where(authorization.c.id == bindparam("own")))
_INSERTS = {table.name: Prepared(table.insert()) for table in (authorization, confirmation, dispense)}
_DISPENSE = _DISPENSES.where(or_(dispense.c.id == bindparam("name"), dispense.c.number == bindparam("name")))


def insert_authorization(uow: Uow, **row: Any) -> None:
    """Store a new authorization; the database refuses a second live one for the prescription."""
    uow.do(_INSERTS["authorization"], row)


def insert_confirmation(uow: Uow, **row: Any) -> None:
    """Store a new confirmation; the database refuses a second live one for the authorization."""
    uow.do(_INSERTS["confirmation"], row)


def insert_dispense(uow: Uow, **row: Any) -> None:
    """Store a new dispense; the database refuses a second live one for the confirmation or prescription."""
    uow.do(_INSERTS["dispense"], row)


def live_authorization(uow: Uow, prescription: str) -> AuthorizationRow | None:
    """The authorization of a prescription that stands as active."""
    row = uow.row(_LIVE_AUTHORIZATION, {"of_prescription": prescription})
    return None if row is None else AuthorizationRow(*row)


def live_confirmation(uow: Uow, authorization_id: str) -> ConfirmationRow | None:
    """The confirmation of an authorization that stands as active."""
    row = uow.row(_LIVE_CONFIRMATION, {"under": authorization_id})
    return None if row is None else ConfirmationRow(*row)


def authorization_by_number(uow: Uow, number: str) -> AuthorizationRow | None:
    """The authorization that bears a number."""
    row = uow.row(_BY_NUMBER, {"given": number})
    return None if row is None else AuthorizationRow(*row)


def dispense_named(uow: Uow, name: str) -> DispenseRow | None:
    """The dispense with this id or number."""
    row = uow.execute(_DISPENSE, {"name": name}).first()
    return None if row is None else DispenseRow(*row)


def of_patient(uow: Uow, patient: str) -> tuple[list[AuthorizationRow], list[ConfirmationRow], list[DispenseRow]]:
    """Everything that was ever authorized, confirmed and dispensed for a patient, oldest first."""
    a = uow.execute(_AUTHORIZATIONS.where(authorization.c.patient == patient).order_by(authorization.c.issued_at))
    c = uow.execute(_CONFIRMATIONS.where(confirmation.c.patient == patient).order_by(confirmation.c.issued_at))
    d = uow.execute(_DISPENSES.where(dispense.c.patient == patient).order_by(dispense.c.issued_at))
    return (
        [AuthorizationRow(*row) for row in a],
        [ConfirmationRow(*row) for row in c],
        [DispenseRow(*row) for row in d],
    )


def live_of_patient(uow: Uow, patient: str) -> tuple[list[AuthorizationRow], list[ConfirmationRow]]:
    """Everything that could still lead to a dispense for a patient, at all sites."""
    a = uow.execute(_AUTHORIZATIONS.where(authorization.c.patient == patient, authorization.c.status == "active"))
    c = uow.execute(_CONFIRMATIONS.where(confirmation.c.patient == patient, confirmation.c.status == "active"))
    return [AuthorizationRow(*row) for row in a], [ConfirmationRow(*row) for row in c]


def live_confirmations_of(uow: Uow, authorization_id: str) -> list[ConfirmationRow]:
    """The live confirmations under an authorization, which end with it."""
    rows = uow.rows(_LIVE_CONFIRMATION, {"under": authorization_id})
    return [ConfirmationRow(*row) for row in rows]


def confirmation_of(uow: Uow, confirmation_id: str) -> ConfirmationRow:
    """The confirmation with this id."""
    return ConfirmationRow(*uow.execute(_CONFIRMATIONS.where(confirmation.c.id == confirmation_id)).one())


def authorization_of(uow: Uow, authorization_id: str) -> AuthorizationRow:
    """The authorization with this id."""
    (row,) = uow.rows(_AUTHORIZATION, {"own": authorization_id})
    return AuthorizationRow(*row)


def _move(table: Table) -> Any:
    return (
        update(table)
        .where(table.c.id.in_(bindparam("ids", expanding=True)), table.c.status == bindparam("before"))
        .values(status=bindparam("after"))
    )


_MOVES = {table.name: _move(table) for table in (authorization, confirmation, dispense)}


def move(uow: Uow, table: str, ids: Iterable[str], before: str, after: str) -> bool:
    """Move rows from one status to another; False when one of them was not where it should be."""
    wanted = list(ids)
    if not wanted:
        return True
    moved = uow.execute(_MOVES[table], {"ids": wanted, "before": before, "after": after}).rowcount
    return bool(moved == len(wanted))


def release(uow: Uow, table: str, txn: str, number: str) -> None:
    """Give a number to what waited for its log entry."""
    uow.do(_RELEASES[table], {"of_txn": txn, "given": number})


_RELEASES = {
    table.name: Prepared(update(table).where(table.c.txn == bindparam("of_txn")).values(number=bindparam("given")))
    for table in (authorization, confirmation, dispense)
}


def txn_of_number(uow: Uow, number: str) -> str | None:
    """The act that a number was given for."""
    for table in (authorization, confirmation, dispense):
        found: str | None = uow.execute(select(table.c.txn).where(table.c.number == number)).scalar()
        if found is not None:
            return found
    return None
