"""The prescriber's way to an authorization: prescribe, ask, and see every reason or the number."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from compliance.domain.access import Verb
from compliance.domain.policy import Status
from compliance.services import authorizing, patients, prescriptions
from compliance.services.errors import Conflict, Invalid, no_such
from compliance.web.pages import form_page, identity
from compliance.web.prescriptions.forms import PrescribeForm, VoidForm
from compliance.web.prescriptions.steps import open_steps
from compliance.web.request import actor, now, programme
from compliance.web.sessions import guarded, needs

blueprint = guarded(Blueprint("prescriptions", __name__, url_prefix="/patients/<patient>/prescriptions"))


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Verb.PRESCRIBE)
def prescribe(patient: str) -> Response | tuple[str, int]:
    """Issue a prescription and go to its page, which says what still blocks an authorization."""
    form = PrescribeForm(_products())
    if form.is_good():
        try:
            made = prescriptions.prescribe(programme(), actor(), patient, form.plain(), key=form.key)
        except Invalid as refused:
            form.refuse(refused)
        else:
            flash("The prescription is issued. It needs an authorization before any pharmacy may dispense.")
            return redirect(url_for(".show", patient=patient, prescription=made.id), 303)
    return _prescribe_page(patient, form), form.http_status


def _products() -> list[tuple[str, str]]:
    """Each medicine with its programme, because brand and generic of one may belong to different ones."""
    at = now()
    known = programme().policies
    active = (known.get(name, at) for name in known.programmes())
    offered = [(p, policy.title) for policy in active if policy.status is not Status.DRAFT for p in policy.products]
    return sorted((product, f"{product} ({title})") for product, title in offered)


def _prescribe_page(patient: str, form: PrescribeForm) -> str:
    view = patients.get_patient(programme(), actor(), patient)
    back = url_for("patients.show", patient=patient)
    return form_page(form, "Prescribe", "Issue the prescription", back=back, caption=identity(view.summary))


@blueprint.get("/<prescription>")
@needs(Verb.READ_PATIENT)
def show(patient: str, prescription: str) -> str:
    """Show a prescription: its number if it has one, else every finding on the way to one."""
    view = patients.get_patient(programme(), actor(), patient)
    state = next((one for one in view.prescriptions if one.prescription.id == prescription), None)
    if state is None:
        raise no_such("prescription")
    return render_template(
        "prescriptions/show.html",
        view=view,
        state=state,
        explained=open_steps(view).get(prescription),
        at=now(),
    )


@blueprint.post("/<prescription>/authorize")
@needs(Verb.AUTHORIZE)
def authorize(patient: str, prescription: str) -> Response:
    """Ask for an authorization. Whatever the answer, the prescription's page shows it."""
    outcome = authorizing.authorize(programme(), actor(), prescription, key=request.form.get("key", ""))
    if not outcome.is_allowed:
        flash("Not authorized. Every reason stands below; the refusal is in the log.", "refused")
    return redirect(url_for(".show", patient=patient, prescription=prescription), 303)


@blueprint.route("/<prescription>/void", methods=["GET", "POST"])
@needs(Verb.VOID_AUTHORIZATION)
def void(patient: str, prescription: str) -> Response | tuple[str, int]:
    """End an authorization, and with it any confirmation that rests on it."""
    form = VoidForm()
    if form.is_good():
        try:
            number = _number(patient, prescription)
            authorizing.void_authorization(programme(), actor(), number, form.reason.data, key=form.key)
        except Invalid as refused:
            form.refuse(refused)
        else:
            flash("The authorization is void. No pharmacy can dispense on it any more.")
            return redirect(url_for(".show", patient=patient, prescription=prescription), 303)
    return _void_page(patient, prescription, form), form.http_status


def _number(patient: str, prescription: str) -> str:
    view = patients.get_patient(programme(), actor(), patient)
    state = next((one for one in view.prescriptions if one.prescription.id == prescription), None)
    if state is None:
        raise no_such("prescription")
    if not state.authorization_number:
        raise Conflict("NO_LIVE_AUTHORIZATION", "this prescription has no live authorization to void")
    return str(state.authorization_number)


def _void_page(patient: str, prescription: str, form: VoidForm) -> str:
    return form_page(
        form, "Void the authorization", "Void it", back=url_for(".show", patient=patient, prescription=prescription),
        caption=_number(patient, prescription), button_look="nhsuk-button--warning",
        intro=["No pharmacy can dispense on it afterwards. A confirmation that rests on it ends too."],
    )  # fmt: skip
