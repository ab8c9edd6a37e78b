"""What services answer, in the API's plain form: every finding whole, every time in UTC, nothing left out."""

from __future__ import annotations

from typing import Any

from compliance.domain.decision import REASONS, Decision, Finding
from compliance.domain.facts import Fact
from compliance.domain.policy import Policy
from compliance.domain.span import Instant
from compliance.domain.wire import write_fact, write_instant
from compliance.services.app import App
from compliance.services.deciding import Asked
from compliance.services.dispensing import PrescriptionView
from compliance.services.facts import Recorded
from compliance.services.outcomes import Outcome
from compliance.services.patients import FactView, PatientSummary, PatientView, PrescriptionState


def time_or_none(moment: Instant | None) -> str | None:
    """A time, or null where there is none."""
    return None if moment is None else write_instant(moment)


def decision(app: App, made: Decision) -> dict[str, Any]:
    """A decision with the sentence, the mender and the source of each finding."""
    policy = app.policies.exactly(made.policy_id, made.policy_version, made.at)
    return {
        "allowed": made.is_allowed,
        "outcome": made.outcome.value,
        "step": made.request.step.value,
        "prescription": made.request.prescription,
        "at": write_instant(made.at),
        "policy": {"id": made.policy_id, "version": made.policy_version, "sha256": made.policy_sha256},
        "category": made.category.value if made.category else None,
        "codes": list(made.codes),
        "valid_until": time_or_none(made.valid_until),
        "earliest_at": time_or_none(made.earliest_at),
        "findings": [_finding(found, policy) for found in made.findings],
        "advice": [_finding(found, policy) for found in made.advice],
        "layers": list(made.layers),
    }


def _finding(found: Finding, policy: Policy) -> dict[str, Any]:
    reason = REASONS[found.code]
    asked = next((r for r in policy.requirements if r.id == found.requirement), None)
    return {
        "requirement": found.requirement,
        "text": asked.text if asked else "",
        "is_met": found.is_met,
        "refers": found.refers,
        "code": found.code,
        "sentence": reason.sentence,
        "mender": reason.mender.value,
        "next_step": reason.next_step,
        "evidence": list(found.evidence),
        "until": time_or_none(found.until),
        "opens": found.opens.value,
        "opens_at": time_or_none(found.opens_at),
        "source": asked.source if asked else "",
        "confidence": asked.confidence if asked else "",
    }


def outcome(app: App, made: Outcome) -> dict[str, Any]:
    """The outcome of an act: the number only if it was allowed; the receipt in any case, for all is logged."""
    return {
        "allowed": made.decision.is_allowed,
        "number": made.number,
        "fact": made.fact,
        "ends_at": time_or_none(made.ends_at),
        "transaction": made.txn,
        "receipt": made.receipt,
        "decision": decision(app, made.decision),
    }


def patient(summary: PatientSummary) -> dict[str, Any]:
    """Who a patient is."""
    return {
        "id": summary.id,
        "family_name": summary.family_name,
        "given_name": summary.given_name,
        "birth_date": summary.birth_date.isoformat(),
        "site": summary.site,
        "external_ids": [{"system": system, "value": value} for system, value in summary.external_ids],
    }


def patient_facts(view: PatientView) -> dict[str, Any]:
    """All that is known of a patient, newest first."""
    return {
        "patient": patient(view.summary),
        "category": view.category.value if view.category else None,
        "facts": [_known(fact) for fact in view.facts],
        "held_by": [str(cause.plain["id"]) for cause in view.causes],
        "prescriptions": [prescription_state(state) for state in view.prescriptions],
    }


def _known(fact: FactView) -> dict[str, Any]:
    return {"fact": fact.plain, "who": fact.who, "is_current": fact.is_current}


def prescription_state(state: PrescriptionState) -> dict[str, Any]:
    """How far a prescription has come."""
    return {
        "prescription": write_fact(state.prescription),
        "state": state.state,
        "next_step": state.next_step.value if state.next_step else None,
        "authorization_number": state.authorization_number,
        "authorization_ends_at": time_or_none(state.authorization_ends_at),
        "confirmation_number": state.confirmation_number,
        "confirmation_ends_at": time_or_none(state.confirmation_ends_at),
        "pharmacy": state.pharmacy,
        "dispense_id": state.dispense_id,
    }


def prescription_view(app: App, view: PrescriptionView) -> dict[str, Any]:
    """What a pharmacy sees of a prescription before it acts."""
    return {
        "patient": patient(view.patient),
        "prescriber_name": view.prescriber_name,
        "prescription": prescription_state(view.prescription),
        "decision": decision(app, view.decision) if view.decision else None,
    }


def fact(made: Fact) -> dict[str, Any]:
    """A fact in the form in which all doors read and write it."""
    return write_fact(made)


def asked(app: App, made: Asked) -> dict[str, Any]:
    """An answer of the gate on which nobody has acted, and the proof that it was given."""
    return {
        "allowed": made.decision.is_allowed,
        "transaction": made.txn,
        "receipt": made.receipt,
        "decision": decision(app, made.decision),
    }


def recorded(made: Recorded) -> dict[str, Any]:
    """A fact on record, and what it stopped."""
    return {"fact": write_fact(made.fact), "held": made.held, "voided": list(made.voided)}


def policy(found: Policy) -> dict[str, Any]:
    """A policy in short: its requirements in words, each with its source."""
    return {
        "id": found.id,
        "version": found.version,
        "title": found.title,
        "jurisdiction": found.jurisdiction,
        "status": found.status.value,
        "in_force_from": found.in_force_from.isoformat(),
        "in_force_until": found.in_force_until.isoformat() if found.in_force_until else None,
        "time_zone": found.zone.key,
        "products": sorted(found.products),
        "sha256": found.sha256,
        "requirements": [
            {"id": r.id, "text": r.text, "source": r.source, "confidence": r.confidence} for r in found.requirements
        ],
    }
