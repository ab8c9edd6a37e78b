"""The page on which anybody can report a pregnancy or a positive test, at any time, for any patient they can name."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from compliance.domain.access import Verb
from compliance.services import facts
from compliance.services.errors import NotFound
from compliance.web.forms import left_out_note, voided_note
from compliance.web.pages import form_page
from compliance.web.reports.forms import ReportForm
from compliance.web.request import actor, programme
from compliance.web.sessions import guarded, needs

blueprint = guarded(Blueprint("reports", __name__))


@blueprint.route("/report", methods=["GET", "POST"])
@needs(Verb.REPORT_PREGNANCY)
def report() -> Response | tuple[str, int]:
    """Take the news: the patient is held and everything live is voided in the same moment."""
    form = ReportForm()
    if request.method == "GET":
        form.named.data = request.args.get("about", "")[:64]
    if form.is_good():
        try:
            made = facts.record_fact(programme(), actor(), form.named.data, form.plain(), key=form.key)
        except NotFound:
            form.named.errors = [f"“{form.named.data}” names no patient that you can report on. Check the number"]
        else:
            ended = voided_note(made.voided) + left_out_note(form.left_out)
            flash(
                f"Reported. The patient is on hold: nothing may be supplied.{ended} Tell the prescriber now.",
                "refused",
            )
            return redirect(url_for("account.home"), 303)
    return _page(form), form.http_status


def _page(form: ReportForm) -> str:
    return form_page(
        form, "Report a pregnancy or a positive test", "Report it now", button_look="nhsuk-button--warning",
        intro=[
            "It takes effect at once: the patient is put on hold, and everything live is voided.",
            "Two clinicians lift the hold. A later negative test does not.",
        ],
    )  # fmt: skip
