"""Asks the gate on today's facts; the acts build on this, and pages preview with it."""

from dataclasses import dataclass, replace
from typing import Any

from compliance.domain.access import Role, Verb
from compliance.domain.decision import Decision, Finding, Outcome, Request
from compliance.domain.facts import Handover, Prescription, Step
from compliance.domain.gate import decide
from compliance.domain.record import Record
from compliance.domain.span import Instant
from compliance.services.actor import Actor, permit
from compliance.services.acts import Act, Codec, guarded, moment, perform
from compliance.services.app import App
from compliance.services.decisions import read_decision, write_decision
from compliance.services.errors import no_such
from compliance.services.records import Held, after, hold, load, prescription_in, seen
from compliance.storage import facts, patients
from compliance.storage.states import AuthorizationRow

ENTRY = {
    Step.AUTHORIZE: "authorization.decision",
    Step.CONFIRM: "confirmation.decision",
    Step.DISPENSE: "dispense.decision",
}

OUTCOMES = {
    Outcome.ALLOW: "allowed",
    Outcome.REFUSE: "denied",
    Outcome.REFER: "referred",
    Outcome.NOT_GATED: "not_gated",
}
"""What the log says of each outcome: whoever counts refusals counts one word."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer of the gate, and the entry that it was given."""

    decision: Decision
    txn: str
    receipt: str


_DECISION: Codec[Decision] = Codec(write_decision, read_decision)


def ask(
    app: App,
    actor: Actor,
    step: Step,
    prescription_id: str,
    handover: Handover | None = None,
    *,
    key: str = "",
) -> Asked:
    """Ask the gate and have the answer logged, without acting on it."""

    def unit(act: Act) -> Decision:
        held, record, prescription = take(act, prescription_id)
        made = decision_for(app, actor, step, prescription, record, at=held.at, handover=handover)
        log_decision(act, held, record, made, "decision.asked", step=step.value)
        return made

    given = [step, prescription_id, handover]
    done = perform(app, actor, Verb.ASK, unit, _DECISION, key=key, given=given)
    return Asked(done.answer, done.txn, done.entry.receipt)


def preview(app: App, actor: Actor, step: Step, prescription_id: str, handover: Handover | None = None) -> Decision:
    """Ask the gate for a page. Nothing is logged and nothing may rest on it: each act decides afresh."""
    permit(actor, Verb.ASK)
    with guarded(), app.db.read() as uow:
        patient_id = facts.patient_of(uow, prescription_id, Prescription.kind)
        row = patients.find(uow, patient_id) if patient_id else None
        if row is None or not _may_see(actor, row.site):
            raise no_such("prescription")
        found = prescription_in(load(uow, row.id), prescription_id)
        record = load(uow, row.id, subjects(actor, found))
    return decision_for(app, actor, step, found, record, at=after(row, moment(app)), handover=handover)


def take(act: Act, prescription_id: str, *, own_site: bool = False) -> tuple[Held, Record, Prescription]:
    """Hold the patient of a prescription and the certifications a decision rests on; load the record."""
    held = hold(act, facts.patient_of(act.uow, prescription_id, Prescription.kind), "prescription")
    if held.row.site != act.actor.site and (own_site or not _may_see(act.actor, held.row.site)):
        raise no_such("prescription")
    record = held.record()
    prescription = prescription_in(record, prescription_id)
    return held, with_certifications(held, record, prescription), prescription


def with_certifications(held: Held, record: Record, prescription: Prescription) -> Record:
    """Hold still and load the certifications of everybody who takes part."""
    act = held.act
    people = [prescription.prescriber, act.actor.id]
    site = act.actor.site if act.actor.role is Role.PHARMACIST else ""
    patients.share_subjects(act.uow, people, site)
    return held.with_certifications(record, [*people, site])


def subjects(actor: Actor, prescription: Prescription) -> list[str]:
    """Whose certifications a decision may rest on."""
    return [prescription.prescriber, actor.id, actor.site]


def decision_for(
    app: App, actor: Actor, step: Step, prescription: Prescription, record: Record, *,
    at: Instant, handover: Handover | None = None,
) -> Decision:  # fmt: skip
    """Put the question to the gate under the policy in force for the product."""
    is_pharmacist = actor.role is Role.PHARMACIST
    request = Request(
        step=step, prescription=prescription.id, pharmacy=actor.site if is_pharmacist else "",
        pharmacist=actor.id if is_pharmacist else "", handover=handover,
    )  # fmt: skip
    return decide(app.policies.for_product(prescription.product, at, prescription.at), record, request, at)


def log_decision(
    act: Act, held: Held, record: Record, made: Decision, entry_type: str, *, releases: str = "",
    hidden: dict[str, Any] | None = None, **refs: str,
) -> None:  # fmt: skip
    """Log a decision with all its reasons, and commit to the record it was made on."""
    act.log(
        entry_type, outcome=OUTCOMES[made.outcome], reasons=made.codes, decision=made,
        refs={"prescription": made.request.prescription, **refs}, patient=held.row,
        hidden={"record": seen(record), **(hidden or {})}, releases=releases if made.is_allowed else "",
    )  # fmt: skip


def of_this_number(made: Decision, record: Record, row: AuthorizationRow) -> Decision:
    """Refuse a number that another has followed: the gate looks at the newest of a prescription."""
    newest = record.as_of(made.at).authorizations.get(row.prescription)
    if newest is None or newest.id == row.id:
        return made
    code = "AUTHORIZATION_EXPIRED" if row.status == "expired" else "AUTHORIZATION_VOIDED"
    stale = Finding("authorization-number", is_met=False, code=code, evidence=(row.id,))
    return replace(made, findings=(*made.findings, stale))


def _may_see(actor: Actor, site: str) -> bool:
    """A clinician's own patients; a pharmacy serves those of any site, if it can name the prescription."""
    return actor.site == site or actor.role is Role.PHARMACIST
