"""Recording facts and correcting them. A correction is a new fact; what was recorded stays on record."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, url_for
from werkzeug.wrappers import Response

from compliance.domain.access import Verb
from compliance.services import facts, patients
from compliance.services.errors import Invalid, no_such
from compliance.services.patients import PatientView
from compliance.web.fields import LongText
from compliance.web.forms import Form, left_out_note, voided_note
from compliance.web.history import line
from compliance.web.pages import form_page, identity
from compliance.web.records.base import FactForm
from compliance.web.records.menu import FORMS
from compliance.web.request import actor, programme
from compliance.web.sessions import guarded, needs
from compliance.web.words import KINDS

blueprint = guarded(Blueprint("records", __name__, url_prefix="/patients/<patient>"))

_UNDO = {
    "prescription", "authorization", "authorization_void", "confirmation", "confirmation_void", "dispense",
    "reversal", "return_to_stock", "hold", "hold_review", "retraction",
}  # fmt: skip
"""What is undone by its own act, or not at all, and never by saying that it was entered in error."""


class RetractForm(Form):
    """Why a fact is taken back."""

    reason = LongText("What was wrong?", missing="Say what was wrong")


@blueprint.route("/record/<kind>", methods=["GET", "POST"])
@needs(Verb.READ_PATIENT, Verb.RECORD_FACT)
def record(patient: str, kind: str) -> Response | tuple[str, int]:
    """Record a fact, say what it set off, and go back to the patient."""
    form = _form(kind, patients.get_patient(programme(), actor(), patient))
    if form.is_good():
        try:
            made = facts.record_fact(programme(), actor(), patient, form.plain(), key=form.key)
        except Invalid as refused:
            form.refuse(refused, form.names)
        else:
            say_what_happened(made, form.left_out)
            return redirect(url_for("patients.show", patient=patient), 303)
    return _record_page(form), form.http_status


def say_what_happened(made: facts.Recorded, left_out: list[str]) -> None:
    """Tell what recording a fact set off."""
    if made.held:
        flash(
            f"The patient is on hold: nothing may be supplied.{voided_note(made.voided)}{left_out_note(left_out)}",
            "refused",
        )
    else:
        flash("Recorded.")


def _form(kind: str, view: PatientView) -> FactForm:
    if kind not in FORMS:
        abort(404)
    return FORMS[kind](view)


def _record_page(form: FactForm) -> str:
    who = form.view.summary
    back = url_for("patients.show", patient=who.id)
    return form_page(form, form.title, "Record", intro=form.intro, back=back, caption=identity(who))


@blueprint.route("/facts/<fact>/retract", methods=["GET", "POST"])
@needs(Verb.READ_PATIENT, Verb.CORRECT_FACT)
def retract(patient: str, fact: str) -> Response | tuple[str, int]:
    """Take back a fact that was entered in error; the right one is recorded afterwards as a new fact."""
    form = RetractForm()
    if form.is_good():
        try:
            facts.correct_fact(programme(), actor(), patient, fact, None, form.reason.data, key=form.key)
        except Invalid as refused:
            form.refuse(refused)
        else:
            flash("The fact no longer counts. If there is a right one, record it now.")
            return redirect(url_for("patients.show", patient=patient), 303)
    return _retract_page(patient, fact, form), form.http_status


def _retract_page(patient: str, fact: str, form: RetractForm) -> str:
    view = patients.get_patient(programme(), actor(), patient)
    found = next((one.plain for one in view.facts if one.plain["id"] == fact and one.is_current), None)
    if found is None or found["fact"] in _UNDO:
        raise no_such("fact")
    return form_page(
        form, "Entered in error", "Take it back", back=url_for("patients.show", patient=patient),
        caption=identity(view.summary),
        intro=[
            f"{KINDS[found['fact']]}: {line(found)}",
            "It stays in the history but no longer counts. A positive test or a hold is not lifted by this.",
        ],
    )  # fmt: skip


def can_retract(kind: str) -> bool:
    """Whether a kind of fact may be taken back."""
    return kind not in _UNDO
