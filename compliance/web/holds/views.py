"""Placing a hold takes one person; lifting one takes two, each with a conclusion of their own."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from compliance.domain.access import Verb
from compliance.domain.facts import ReviewOutcome
from compliance.services import holds, patients
from compliance.services.errors import Invalid, no_such
from compliance.services.patients import FactView, PatientView
from compliance.web.forms import Form
from compliance.web.holds.forms import HoldForm, ReviewForm
from compliance.web.pages import form_page, identity
from compliance.web.request import actor, programme
from compliance.web.sessions import guarded, needs

blueprint = guarded(Blueprint("holds", __name__, url_prefix="/patients/<patient>/holds"))


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Verb.READ_PATIENT, Verb.PLACE_HOLD)
def place(patient: str) -> Response | tuple[str, int]:
    """Hold a patient."""
    form = HoldForm()
    if form.is_good():
        try:
            holds.place_hold(programme(), actor(), patient, form.reason.data, key=form.key)
        except Invalid as refused:
            form.refuse(refused)
        else:
            flash("The patient is on hold: nothing may be supplied.", "refused")
            return redirect(url_for("patients.show", patient=patient), 303)
    return _place_page(patient, form), form.http_status


def _place_page(patient: str, form: Form) -> str:
    who = patients.get_patient(programme(), actor(), patient).summary
    return form_page(
        form, "Put the patient on hold", "Put on hold", back=url_for("patients.show", patient=patient),
        caption=identity(who), button_look="nhsuk-button--warning",
        intro=["Nothing may be supplied until two clinicians have lifted it."],
    )  # fmt: skip


@blueprint.route("/<cause>", methods=["GET", "POST"])
@needs(Verb.REVIEW_HOLD)
def review(patient: str, cause: str) -> Response | tuple[str, int]:
    """Record one conclusion."""
    form = ReviewForm()
    if form.is_good():
        try:
            outcome = ReviewOutcome(form.outcome.data)
            holds.review_hold(programme(), actor(), patient, cause, outcome, form.reason.data, key=form.key)
        except Invalid as refused:
            form.refuse(refused)
        else:
            _tell(patients.get_patient(programme(), actor(), patient), cause)
            return redirect(url_for("patients.show", patient=patient), 303)
    return _review_page(patient, cause, form), form.http_status


def _tell(view: PatientView, cause: str) -> None:
    if any(one.plain["id"] == cause for one in view.causes):
        flash("Your conclusion is recorded. The hold stands until two clinicians lift it.")
    else:
        flash("Your conclusion is recorded. Two clinicians have lifted this hold.")


def _review_page(patient: str, cause: str, form: Form) -> str:
    view = patients.get_patient(programme(), actor(), patient)
    found = next((one for one in view.causes if one.plain["id"] == cause), None)
    if found is None:
        raise no_such("cause of a hold")
    return render_template("holds/review.html", view=view, cause=found, reviews=reviews(view, cause), form=form)


def reviews(view: PatientView, cause: str) -> list[FactView]:
    """Everything that clinicians have concluded about a cause, oldest first."""
    return [one for one in reversed(view.facts) if one.plain["fact"] == "hold_review" and one.plain["of"] == cause]
