"""The jobs of the programme for machines: each handler calls one service and presents its answer.

In paths, `patient` is a patient id of the own site, or at any site a prescription id or authorization number.
"""

from __future__ import annotations

import re
from typing import Any

from compliance.api import bodies, present
from compliance.api.operations import OPERATIONS, Call, Key, operation
from compliance.services import (
    authorizing,
    deciding,
    dispensing,
    facts,
    holds,
    logs,
    patients,
    prescriptions,
)
from compliance.services.errors import Invalid

__all__ = ["OPERATIONS"]


@operation("POST", "/patients", "Patient", form=bodies.REGISTER, status=201, key=Key.OPTIONAL)
def register_patient(call: Call) -> Any:
    """Register a patient at the own site."""
    return present.patient(patients.register_patient(call.app, call.actor, **call.body, key=call.key))


@operation("GET", "/patients/<patient>/facts", "PatientFacts")
def get_patient_facts(call: Call) -> Any:
    """Everything known of a patient, newest first, and what holds them."""
    return present.patient_facts(patients.get_patient(call.app, call.actor, call.path["patient"]))


@operation("POST", "/patients/<patient>/facts", "Recorded", form=bodies.FACT, status=201, key=Key.OPTIONAL)
def record_fact(call: Call) -> Any:
    """Record a fact; a positive test or a reported pregnancy voids everything live at once."""
    made = facts.record_fact(call.app, call.actor, call.path["patient"], dict(call.body), key=call.key)
    return present.recorded(made)


@operation(
    "POST",
    "/patients/<patient>/facts/<fact>/correction",
    "Recorded",
    form=bodies.CORRECTION,
    status=201,
    key=Key.OPTIONAL,
)
def correct_fact(call: Call) -> Any:
    """Put another fact in the place of one entered in error, or none."""
    try:
        made = facts.correct_fact(
            call.app, call.actor, call.path["patient"], call.path["fact"],
            call.body["replacement"], call.body["reason"], key=call.key,
        )  # fmt: skip
    except Invalid as error:
        error.field = re.sub(r"^fact\.", "replacement.", error.field)  # as this body calls it
        raise
    return present.recorded(made)


@operation(
    "POST",
    "/patients/<patient>/prescriptions",
    "Prescription",
    form=bodies.PRESCRIPTION,
    status=201,
    key=Key.REQUIRED,
)
def prescribe(call: Call) -> Any:
    """Issue a prescription in one's own name."""
    made = prescriptions.prescribe(call.app, call.actor, call.path["patient"], dict(call.body), key=call.key)
    return present.fact(made)


@operation(
    "POST",
    "/patients/<patient>/hold-reviews",
    "HoldReview",
    form=bodies.HOLD_REVIEW,
    status=201,
    key=Key.REQUIRED,
)
def review_hold(call: Call) -> Any:
    """Give one clinician's conclusion on what holds a patient; two different ones lift it."""
    body = call.body
    made = holds.review_hold(
        call.app, call.actor, call.path["patient"], body["of"], body["outcome"], body["reason"], key=call.key
    )
    return present.fact(made)


@operation("POST", "/prescriptions/<prescription>/decision", "Asked", form=bodies.QUESTION, key=Key.OPTIONAL)
def ask_for_a_decision(call: Call) -> Any:
    """Ask what the gate would say now; the question and its answer are logged."""
    asked = deciding.ask(
        call.app,
        call.actor,
        call.body["step"],
        call.path["prescription"],
        call.body.get("handover"),
        key=call.key,
    )
    return present.asked(call.app, asked)


@operation("POST", "/prescriptions/<prescription>/authorization", "Outcome", form=bodies.NOTHING, key=Key.REQUIRED)
def authorize(call: Call) -> Any:
    """Request leave to prescribe."""
    made = authorizing.authorize(call.app, call.actor, call.path["prescription"], key=call.key)
    return present.outcome(call.app, made)


@operation("GET", "/authorizations/<number>", "PrescriptionView")
def look_up(call: Call) -> Any:
    """Look up a prescription by its authorization number, with the decision on its next step."""
    view = dispensing.look_up(call.app, call.actor, call.path["number"])
    return present.prescription_view(call.app, view)


@operation("POST", "/authorizations/<number>/confirmation", "Outcome", form=bodies.NOTHING, key=Key.REQUIRED)
def confirm(call: Call) -> Any:
    """Request the pharmacy's leave to dispense now."""
    made = dispensing.confirm(call.app, call.actor, call.path["number"], key=call.key)
    return present.outcome(call.app, made)


@operation("POST", "/authorizations/<number>/dispense", "Outcome", form=bodies.DISPENSE, key=Key.REQUIRED)
def dispense(call: Call) -> Any:
    """Hand the product over, or ship it."""
    made = dispensing.dispense(call.app, call.actor, call.path["number"], call.body["handover"], key=call.key)
    return present.outcome(call.app, made)


@operation("POST", "/dispenses/<dispense>/reversal", "Reversal", form=bodies.REASON, status=201, key=Key.REQUIRED)
def reverse(call: Call) -> Any:
    """Undo a dispense whose product never reached the patient."""
    made = dispensing.reverse(call.app, call.actor, call.path["dispense"], call.body["reason"], key=call.key)
    return present.fact(made)


@operation("POST", "/returns-to-stock/<of>", "ReturnToStock", form=bodies.REASON, status=201, key=Key.REQUIRED)
def return_to_stock(call: Call) -> Any:
    """Take product back: of a dispense (its id), or set aside and not used (the authorization number)."""
    made = dispensing.return_to_stock(call.app, call.actor, call.path["of"], call.body["reason"], key=call.key)
    return present.fact(made)


@operation("GET", "/receipts/<number>", "Receipt")
def get_receipt(call: Call) -> Any:
    """Fetch the entry of a number or a transaction and its receipt: proof that it stands in the signed log."""
    number = call.path["number"]
    found = logs.get_proof(call.app, call.actor, number)
    return {
        "of": number,
        "entry": found.leaf.decode(),
        "receipt": found.receipt,
        "verification_key": logs.log_vkey(call.app),
    }


@operation("GET", "/policies", "Policies")
def list_policies(call: Call) -> Any:
    """List the policies with their requirements and sources."""
    return {"policies": [present.policy(found) for found in call.app.policies.all()]}
