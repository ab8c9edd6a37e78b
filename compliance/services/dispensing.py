"""The pharmacy's side: look up, confirm, dispense, and undo. Each step decides afresh."""

from dataclasses import dataclass

from compliance.domain.access import Verb
from compliance.domain.decision import Decision
from compliance.domain.facts import (
    Confirmation,
    Dispense,
    Handover,
    Prescription,
    Step,
    days_of_treatment,
)
from compliance.domain.record import Record
from compliance.domain.requirements.numbers import ConfirmationLife
from compliance.domain.span import Instant
from compliance.domain.wire import write_instant
from compliance.services.actor import Actor
from compliance.services.acts import Act, new_id, perform
from compliance.services.app import App
from compliance.services.deciding import (
    ENTRY,
    decision_for,
    log_decision,
    of_this_number,
    with_certifications,
)
from compliance.services.decisions import read_moment, write_moment
from compliance.services.errors import Conflict, no_such
from compliance.services.looking_up import PrescriptionView, look_up
from compliance.services.outcomes import OUTCOME, Outcome, released
from compliance.services.records import Held, canonical_form, hold, prescription_in, readable_number
from compliance.services.referring import refer
from compliance.services.returning import return_to_stock, reverse
from compliance.storage import states
from compliance.storage.states import AuthorizationRow, ConfirmationRow

__all__ = ["Outcome", "PrescriptionView", "confirm", "dispense", "look_up", "return_to_stock", "reverse"]


@dataclass(frozen=True, slots=True)
class _Case:
    """An authorization somebody has named, with the patient held and the record loaded."""

    held: Held
    row: AuthorizationRow
    record: Record
    prescription: Prescription


def confirm(app: App, actor: Actor, number: str, *, key: str = "") -> Outcome:
    """Ask for leave to dispense now."""

    def unit(act: Act) -> Outcome:
        case = _take(act, number)
        made = _decide(app, actor, Step.CONFIRM, case)
        if not made.is_allowed:
            log_decision(act, case.held, case.record, made, ENTRY[Step.CONFIRM], authorization=case.row.id)
            return Outcome(made)
        ends_at = _confirmation_end(app, case, made)
        fact = _confirm(case, ends_at)
        log_decision(
            act, case.held, case.record, made, ENTRY[Step.CONFIRM], releases="confirmation",
            hidden={"fact": canonical_form(fact)}, authorization=case.row.id, confirmation=fact.id,
        )  # fmt: skip
        return Outcome(made, ends_at=ends_at, fact=fact.id)

    given = readable_number(number)
    return released(perform(app, actor, Verb.CONFIRM, unit, OUTCOME, key=key, given=given))


def dispense(app: App, actor: Actor, number: str, handover: Handover, *, key: str = "") -> Outcome:
    """Ask to hand over or ship what was confirmed; the answer stands once the log has proven it."""

    def unit(act: Act) -> Outcome:
        case = _take(act, number)
        made = _decide(app, actor, Step.DISPENSE, case, handover)
        if not made.is_allowed:
            log_decision(act, case.held, case.record, made, ENTRY[Step.DISPENSE], authorization=case.row.id)
            return Outcome(made)
        fact = _dispense(case, handover)
        raised = refer(case.held, case.record, made)
        log_decision(
            act, case.held, case.record, made, ENTRY[Step.DISPENSE], releases="dispense",
            hidden={"fact": canonical_form(fact), **raised}, authorization=case.row.id, confirmation=fact.confirmation,
            dispense=fact.id,
        )  # fmt: skip
        return Outcome(made, fact=fact.id)

    given = [readable_number(number), handover]
    return released(perform(app, actor, Verb.DISPENSE, unit, OUTCOME, key=key, given=given))


def _take(act: Act, number: str) -> _Case:
    named = states.authorization_by_number(act.uow, readable_number(number))
    if named is None:
        raise no_such("authorization")
    held = hold(act, named.patient)
    row = states.authorization_of(act.uow, named.id)  # read again now that the patient is held
    record = held.record()
    prescription = prescription_in(record, row.prescription)
    return _Case(held, row, with_certifications(held, record, prescription), prescription)


def _decide(app: App, actor: Actor, step: Step, case: _Case, handover: Handover | None = None) -> Decision:
    made = decision_for(app, actor, step, case.prescription, case.record, at=case.held.at, handover=handover)
    return of_this_number(made, case.record, case.row)


def _confirmation_end(app: App, case: _Case, made: Decision) -> Instant | None:
    """The earlier end of the confirmation's own life and of the authorization it stands on."""
    policy = app.policies.exactly(made.policy_id, made.policy_version, made.at)
    ends = [r.lasts.end(made.at, policy.zone) for r in policy.requirements if isinstance(r, ConfirmationLife)]
    under = read_moment(case.row.ends_at)
    return min([*ends, *([under] if under else [])], default=None)


def _confirm(case: _Case, ends_at: Instant | None) -> Confirmation:
    act, at = case.held.act, case.held.tick()
    _end_expired(act, states.live_confirmation(act.uow, case.row.id), at)
    fact = Confirmation(
        id=new_id("c"), at=at, recorded_at=at, actor=act.actor.id, number=act.txn, authorization=case.row.id,
        prescription=case.prescription.id, pharmacy=act.actor.site,
    )  # fmt: skip
    case.held.learn(fact)
    states.insert_confirmation(
        act.uow, id=fact.id, txn=act.txn, number=None, patient=case.held.row.id,
        prescription=fact.prescription,
        authorization=case.row.id, pharmacy=fact.pharmacy, issued_at=write_instant(at),
        ends_at=write_moment(ends_at), status="active",
    )  # fmt: skip
    return fact


def _end_expired(act: Act, row: ConfirmationRow | None, at: Instant) -> None:
    if row is not None and row.ends_at and row.ends_at <= write_instant(at):
        states.move(act.uow, "confirmation", [row.id], "active", "expired")


def _dispense(case: _Case, handover: Handover) -> Dispense:
    act, at, rx = case.held.act, case.held.tick(), case.prescription
    confirmed = states.live_confirmation(act.uow, case.row.id)
    days = days_of_treatment(rx.quantity, rx.units_per_day, rx.days_on, rx.cycle_days)
    if confirmed is None or confirmed.pharmacy != act.actor.site or days is None:
        raise Conflict("CONFIRMATION_MISSING", "there is no live confirmation of this pharmacy; confirm first")
    fact = Dispense(
        id=new_id("d"), at=at, recorded_at=at, actor=act.actor.id, prescription=rx.id,
        confirmation=confirmed.id, pharmacy=act.actor.site, handover=handover, days_supply=days,
    )  # fmt: skip
    case.held.learn(fact)
    states.insert_dispense(
        act.uow, id=fact.id, txn=act.txn, number=None, patient=case.held.row.id, prescription=rx.id,
        confirmation=confirmed.id, pharmacy=fact.pharmacy, issued_at=write_instant(at), status="dispensed",
    )  # fmt: skip
    used = states.move(act.uow, "confirmation", [confirmed.id], "active", "dispensed")
    if not (states.move(act.uow, "authorization", [case.row.id], "active", "dispensed") and used):
        raise Conflict("CONTRADICTED", "ask again: something happened meanwhile")
    return fact
