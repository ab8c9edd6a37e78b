"""How far each prescription has come, as pages and machines show it."""

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.domain.facts import Prescription, Step
from compliance.domain.record import View
from compliance.domain.span import Instant
from compliance.services.decisions import read_moment
from compliance.storage import states
from compliance.storage.database import Uow
from compliance.storage.states import AuthorizationRow, ConfirmationRow, DispenseRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PrescriptionState:
    """A prescription and what became of it (issued, authorized, confirmed, dispensed); what is next."""

    prescription: Prescription
    state: str
    next_step: Step | None
    authorization_number: str = ""
    authorized_at: Instant | None = None
    authorization_ends_at: Instant | None = None
    confirmation_number: str = ""
    confirmed_at: Instant | None = None
    confirmation_ends_at: Instant | None = None
    pharmacy: str = ""
    dispense_id: str = ""
    dispense_number: str = ""
    dispensed_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class _Rows:
    authorizations: Mapping[str, AuthorizationRow]
    confirmations: Mapping[str, ConfirmationRow]
    dispenses: Mapping[str, DispenseRow]


def standing(uow: Uow, patient_id: str, view: View, at: Instant) -> tuple[PrescriptionState, ...]:
    """The state of every prescription that still counts, newest first; what has ended by `at` is not live."""
    authorizations, confirmations, dispenses = states.of_patient(uow, patient_id)
    rows = _Rows(
        {row.prescription: row for row in authorizations if _is_live(row, at)},
        {row.prescription: row for row in confirmations if _is_live(row, at)},
        {row.prescription: row for row in dispenses if row.status == "dispensed"},
    )
    newest_first = sorted(view.prescriptions.values(), key=lambda rx: (rx.at, rx.id), reverse=True)
    return tuple(_state(prescription, rows) for prescription in newest_first)


def _is_live(row: AuthorizationRow | ConfirmationRow, at: Instant) -> bool:
    if row.status == "dispensed":
        return True
    ends_at = read_moment(row.ends_at)
    return row.status == "active" and (ends_at is None or at < ends_at)


def _state(prescription: Prescription, rows: _Rows) -> PrescriptionState:
    a, c = rows.authorizations.get(prescription.id), rows.confirmations.get(prescription.id)
    d = rows.dispenses.get(prescription.id)
    state, step = "issued", Step.AUTHORIZE
    if d is not None:
        state = "dispensed"
    elif a is not None:
        state, step = ("confirmed", Step.DISPENSE) if c is not None else ("authorized", Step.CONFIRM)
    return PrescriptionState(
        prescription=prescription, state=state, next_step=None if d is not None else step,
        authorization_number=(a.number or "") if a else "",
        authorized_at=read_moment(a.issued_at) if a else None,
        authorization_ends_at=read_moment(a.ends_at) if a else None,
        confirmation_number=(c.number or "") if c else "",
        confirmed_at=read_moment(c.issued_at) if c else None,
        confirmation_ends_at=read_moment(c.ends_at) if c else None, pharmacy=c.pharmacy if c else "",
        dispense_id=d.id if d else "", dispense_number=(d.number or "") if d else "",
        dispensed_at=read_moment(d.issued_at) if d else None,
    )  # fmt: skip
