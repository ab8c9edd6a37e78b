"""The pharmacist's way from a number to one verdict, to leave to dispense, to the patient; the gate decides it all."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from compliance.domain.access import Verb
from compliance.domain.facts import Handover, Step
from compliance.ledger.errors import LedgerError
from compliance.ledger.proof import normalise_number
from compliance.services import dispensing, facts
from compliance.services.errors import Invalid, NotFound
from compliance.services.looking_up import PrescriptionView
from compliance.web.forms import Action, Form
from compliance.web.pages import form_page, identity
from compliance.web.pharmacy.forms import ConfirmForm, CounselForm, DispenseForm, LookUpForm, WhyForm
from compliance.web.prescriptions.steps import explained
from compliance.web.request import actor, now, programme
from compliance.web.sessions import guarded, needs
from compliance.web.verdict import Verdict, judge
from compliance.web.words import asks_about_pregnancy

blueprint = guarded(Blueprint("pharmacy", __name__, url_prefix="/pharmacy"))


@blueprint.route("", methods=["GET", "POST"])
@needs(Verb.LOOK_UP)
def index() -> Response | tuple[str, int]:
    """Lead to the verdict; a mistyped number is told from an unknown one by its check character."""
    form = LookUpForm()
    if form.is_good():
        try:
            number = normalise_number(form.number.data)
            dispensing.look_up(programme(), actor(), number)
        except LedgerError:
            form.number.errors = [_MISTYPED.format(form.number.data)]
        except NotFound:
            form.number.errors = [f"There is no authorization {number}. Ask the prescriber for the number"]
        else:
            return redirect(url_for(".show", number=number), 303)
    return render_template("pharmacy/index.html", form=form), form.http_status


_MISTYPED = (
    "“{}” is mistyped: its check character does not fit. Read it again, one group at a time. "
    "The letters O, I and L and the figures 0 and 1 are never used."
)


def _case(number: str) -> tuple[PrescriptionView, Verdict]:
    """What stands behind a number, and the verdict on it now."""
    view = dispensing.look_up(programme(), actor(), number)
    asked = {}
    if view.decision is not None and view.decision.request.step is Step.DISPENSE:
        shipped = dispensing.look_up(programme(), actor(), number, Handover.SHIPPED).decision
        asked = {Handover.IN_PERSON: view.decision, **({Handover.SHIPPED: shipped} if shipped else {})}
    return view, judge(view.decision, asked)


@blueprint.get("/<number>")
@needs(Verb.LOOK_UP)
def show(number: str) -> str:
    """Show the verdict, every reason, who the patient is, and the next step."""
    view, verdict = _case(number)
    return _verdict_page(number, view, verdict, DispenseForm(verdict))


def _verdict_page(number: str, view: PrescriptionView, verdict: Verdict, form: Form) -> str:
    return render_template(
        "pharmacy/show.html", number=number, view=view, verdict=verdict, form=form, at=now(),
        explained=explained(verdict.decision) if verdict.decision else None,
        asks=asks_about_pregnancy(view.prescription.prescription.category),
        own=view.prescription.pharmacy == actor().site,
    )  # fmt: skip


@blueprint.get("/<number>/verdict.json")
@needs(Verb.LOOK_UP)
def fingerprint(number: str) -> Response:
    """Tell an open page whether it still says the truth; the page asks every few seconds."""
    return jsonify(fingerprint=_case(number)[1].fingerprint)


@blueprint.route("/<number>/confirm", methods=["GET", "POST"])
@needs(Verb.CONFIRM)
def confirm(number: str) -> Response | tuple[str, int]:
    """Ask for leave to dispense now. Whatever the answer, the verdict page shows it."""
    form = ConfirmForm()
    if not form.is_good():
        return _confirm_page(number, form), form.http_status
    outcome = dispensing.confirm(programme(), actor(), number, key=form.key)
    _tell(outcome.is_allowed, "Confirmed. The product may be set aside; it may not leave before the last step.")
    return redirect(url_for(".show", number=number), 303)


def _tell(is_allowed: bool, text: str) -> None:  # noqa: FBT001 - the answer of the gate, passed on
    if is_allowed:
        flash(text)
    else:
        flash("Refused. Every reason stands below; the refusal is in the log.", "refused")


def _confirm_page(number: str, form: Form) -> str:
    view, verdict = _case(number)
    return render_template("pharmacy/confirm.html", number=number, view=view, verdict=verdict, form=form)


@blueprint.route("/<number>/counsel", methods=["GET", "POST"])
@needs(Verb.DISPENSE)
def counsel(number: str) -> Response | tuple[str, int]:
    """Record the counselling and what goes with the product."""
    view, _ = _case(number)
    form = CounselForm(view)
    if form.is_good():
        try:
            for place, plain in enumerate(form.facts(view.prescription.prescription.id)):
                key = f"{form.key}.{place}" if form.key else ""
                facts.record_fact(programme(), actor(), number, plain, key=key)
        except Invalid as refused:
            form.refuse(refused)
        else:
            flash("Counselling is recorded.")
            return redirect(url_for(".show", number=number), 303)
    return _counsel_page(number, view, form), form.http_status


def _counsel_page(number: str, view: PrescriptionView, form: Form) -> str:
    back = url_for(".show", number=number)
    return form_page(form, "Counsel the patient", "Record", back=back, caption=identity(view.patient))


@blueprint.post("/<number>/dispense")
@needs(Verb.DISPENSE)
def dispense(number: str) -> Response | tuple[str, int]:
    """Ask for the dispense. Only its answer lets the product leave."""
    chosen = request.form.get("handover", "")
    if chosen not in {way.value for way in Handover}:
        view, verdict = _case(number)
        form = DispenseForm(verdict)
        form.validate()
        return _verdict_page(number, view, verdict, form), form.http_status
    outcome = dispensing.dispense(programme(), actor(), number, Handover(chosen), key=Action().key)
    _tell(outcome.is_allowed, "The dispense is logged. The product may leave now.")
    return redirect(url_for(".show", number=number), 303)


_UNDO = {
    "cancel": (
        "Cancel the confirmation", "Cancel it",
        "The product set aside goes back to stock. A new confirmation can be asked for on the same authorization.",
    ),
    "return": (
        "Return to stock", "Return it",
        "For unused product of this dispense that came back. The patient's supply is counted down by it.",
    ),
    "reverse": (
        "Reverse the dispense", "Reverse it",
        "Only if the product never reached the patient. The supply is then taken as never given.",
    ),
}  # fmt: skip


@blueprint.route("/<number>/<any(cancel, return, reverse):act>", methods=["GET", "POST"])
@needs(Verb.RETURN_TO_STOCK)
def undo(number: str, act: str) -> Response | tuple[str, int]:
    """Undo a confirmation or a dispense, with a reason."""
    form = WhyForm()
    if form.is_good():
        done = dispensing.look_up(programme(), actor(), number).prescription.dispense_id
        try:
            if act == "reverse":
                dispensing.reverse(programme(), actor(), done or "none", form.reason.data, key=form.key)
            else:
                name = number if act == "cancel" else done or "none"
                dispensing.return_to_stock(programme(), actor(), name, form.reason.data, key=form.key)
        except Invalid as refused:
            form.refuse(refused)
        else:
            flash("Done. The verdict below is how things stand now.")
            return redirect(url_for(".show", number=number), 303)
    return _undo_page(number, act, form), form.http_status


def _undo_page(number: str, act: str, form: Form) -> str:
    title, button, intro = _UNDO[act]
    view, _ = _case(number)
    return form_page(
        form, title, button, back=url_for(".show", number=number), caption=identity(view.patient), intro=[intro],
        button_look="nhsuk-button--warning",
    )  # fmt: skip
