"""The prescriber's pages on patients: a list to search, a form to register, and one page for each patient."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from compliance.domain.access import Verb
from compliance.domain.span import zone
from compliance.services import patients
from compliance.services.errors import Invalid
from compliance.web.pages import form_page
from compliance.web.patients.forms import RegisterForm
from compliance.web.prescriptions.steps import open_steps
from compliance.web.records.menu import menu
from compliance.web.records.views import can_retract
from compliance.web.request import actor, now, programme, site_zone
from compliance.web.sessions import guarded, needs
from compliance.web.times import age_on
from compliance.web.words import asks_about_pregnancy

blueprint = guarded(Blueprint("patients", __name__, url_prefix="/patients"))


@blueprint.get("")
@needs(Verb.READ_PATIENT)
def index() -> str:
    """Show the site's patients, or those that match what was typed."""
    text = request.args.get("q", "").strip()[:100]
    return render_template("patients/index.html", found=patients.find_patients(programme(), actor(), text), text=text)


@blueprint.route("/register", methods=["GET", "POST"])
@needs(Verb.REGISTER_PATIENT)
def register() -> Response | tuple[str, int]:
    """Register a patient and go to their page."""
    form = RegisterForm()
    if form.is_good():
        try:
            made = patients.register_patient(
                programme(), actor(), family_name=form.family_name.data, given_name=form.given_name.data,
                birth_date=form.birth_date.day, key=form.key,
                external_ids=(("mrn", form.mrn.data),) if form.mrn.data else (),
            )  # fmt: skip
        except Invalid as refused:
            form.refuse(refused, {"value": "mrn"})
        else:
            flash("The patient is registered. Next: complete the agreement.")
            return redirect(url_for("patients.show", patient=made.id), 303)
    return _register_page(form), form.http_status


def _register_page(form: RegisterForm) -> str:
    back = url_for("patients.index")
    return form_page(form, "Register a patient", "Register", back=back)


@blueprint.get("/<patient>")
@needs(Verb.READ_PATIENT)
def show(patient: str) -> str:
    """Show where a patient stands, what blocks the next step, what is due when, and everything that is known."""
    view = patients.get_patient(programme(), actor(), patient)
    today = zone(site_zone()).date_of(now())
    return render_template(
        "patients/show.html", view=view, age=age_on(view.summary.birth_date, today), steps=open_steps(view),
        records=menu(view.category), asks=asks_about_pregnancy(view.category), can_retract=can_retract,
    )  # fmt: skip
