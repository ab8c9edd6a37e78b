"""A patient while somebody acts on them: the row is held, the record whole, and time moves with each fact."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from compliance.domain.facts import Fact, Prescription
from compliance.domain.record import Record
from compliance.domain.span import TICK, Instant
from compliance.domain.wire import write_fact, write_instant
from compliance.ledger.errors import LedgerError
from compliance.ledger.proof import normalise_number
from compliance.services.actor import Actor
from compliance.services.acts import Act, moment
from compliance.services.errors import no_such
from compliance.storage import facts, patients, states
from compliance.storage.database import Uow
from compliance.storage.patients import PatientRow


class Held:
    """A patient whose row is locked until the end of the act."""

    def __init__(self, act: Act, row: PatientRow) -> None:
        self.act = act
        self.row = row
        self.at = after(row, moment(act.app))
        """The moment of this act, read once the wait for the row is over; later than anything known of them."""
        self._next = self.at

    def tick(self) -> Instant:
        """The moment for the next fact; no two facts about a patient are learned at the same one."""
        now = self._next
        self._next = Instant(now + TICK)
        return now

    def learn(self, *new: Fact) -> None:
        """Store facts and move the patient's order of learning on."""
        facts.append(self.act.uow, self.row.id, new)
        patients.learn(self.act.uow, self.row.id, write_instant(max(fact.recorded_at for fact in new)))

    def record(self) -> Record:
        """Everything known of the patient."""
        return load(self.act.uow, self.row.id)

    def with_certifications(self, record: Record, subjects: Sequence[str]) -> Record:
        """The record with the certifications of these people and sites.

        One that was recorded while this act waited for its locks is known now, so the act moves behind it.
        """
        found = facts.about(self.act.uow, subjects)
        self.at = max([self.at, *(fact.recorded_at for fact in found)])
        self._next = max(self._next, self.at)
        return Record([*record.facts, *found])


def hold(act: Act, patient_id: str | None, what: str = "patient") -> Held:
    """Lock a patient's row, before anything about the patient is read."""
    row = patients.lock(act.uow, patient_id) if patient_id else None
    if row is None:
        raise no_such(what)
    return Held(act, row)


def hold_own(act: Act, patient_id: str, what: str = "patient") -> Held:
    """Lock a patient of the actor's own site; any other looks like one that does not exist."""
    held = hold(act, patient_id, what)
    if held.row.site != act.actor.site:
        raise no_such(what)
    return held


def hold_named(act: Act, name: str) -> Held:
    """Lock a patient by id at the own site, or at any site by prescription id or authorization number."""
    named = patient_of_number(act.uow, name) or facts.patient_of(act.uow, name, Prescription.kind)
    return hold(act, named) if named else hold_own(act, name)


def patient_of_number(uow: Uow, text: str) -> str | None:
    """The patient for whom an authorization number was given."""
    number = readable_number(text)
    row = states.authorization_by_number(uow, number) if number else None
    return row.patient if row else None


def readable_number(text: str) -> str:
    """A number as it is stored, or "" for what cannot be one."""
    try:
        return normalise_number(text)
    except LedgerError:
        return ""


def load(uow: Uow, patient_id: str, subjects: Sequence[str] = ()) -> Record:
    """Everything known of a patient, and of the certifications of these people and sites."""
    return Record([*facts.of_patient(uow, patient_id), *facts.about(uow, subjects)])


def after(row: PatientRow, now: Instant) -> Instant:
    """The moment of an act on a patient: now, but later than anything known of them."""
    learned = datetime.fromisoformat(row.learned_at) if row.learned_at else None
    return now if learned is None or learned < now else Instant(learned + TICK)


def prescription_in(record: Record, prescription: str) -> Prescription:
    """The prescription as it was issued, whether or not it still counts."""
    for fact in record.facts:
        if isinstance(fact, Prescription) and fact.id == prescription:
            return fact
    raise no_such("prescription")


def canonical_form(fact: Fact) -> dict[str, Any]:
    """A fact as the log commits to it: the plain form without what was not stated."""
    return {name: value for name, value in write_fact(fact).items() if value is not None}


def seen(record: Record) -> Mapping[str, object]:
    """What a decision rested on, so that it can be shown later that nothing was added or left out."""
    ids = sorted(fact.id for fact in record.facts)
    return {"count": len(ids), "sha256": hashlib.sha256("\n".join(ids).encode()).hexdigest()}


def own_or_none(actor: Actor, row: PatientRow | None) -> PatientRow:
    """A patient of the actor's own site; any other looks like one that does not exist."""
    if row is None or row.site != actor.site:
        raise no_such("patient")
    return row
