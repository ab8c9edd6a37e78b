"""Signing in and out: the only pages that strangers see."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, request, session, url_for
from werkzeug.wrappers import Response

from compliance.domain.access import Role
from compliance.services import accounts
from compliance.services.errors import NotPermitted
from compliance.web import sessions
from compliance.web.account.forms import SignInForm
from compliance.web.pages import form_page
from compliance.web.request import actor, programme
from compliance.web.sessions import everyone, guarded, signed_in

blueprint = guarded(Blueprint("account", __name__))

_HOMES = {
    Role.PRESCRIBER: "patients.index",
    Role.PHARMACIST: "pharmacy.index",
    Role.AUDITOR: "audit.index",
    Role.ADMINISTRATOR: "administration.users",
}


@blueprint.get("/")
@signed_in
def home() -> Response:
    """Lead everybody to the page they work on."""
    return redirect(url_for(_HOMES[actor().role]))


@blueprint.route("/sign-in", methods=["GET", "POST"])
@everyone
def sign_in() -> Response | tuple[str, int]:
    """Check the password and begin a session; a refusal never says which of the two was wrong."""
    form = SignInForm()
    if not form.is_good():
        return _page(form), form.http_status
    try:
        made = accounts.sign_in(programme(), form.username.data, form.password.data)
    except NotPermitted as refused:
        form.refusals.append(refused.message)
        return _page(form), 403
    session.clear()  # a form token from before signing in must not live on
    response = redirect(_inside(request.args.get("next", "")) or url_for(_HOMES[made.actor.role]), 303)
    sessions.begin(response, made.token)  # type: ignore[arg-type] # the redirect is a Flask response
    return response


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """End the session on the server, then in the browser."""
    accounts.sign_out(programme(), actor())
    session.clear()
    flash("You have signed out.")
    return sessions.end(redirect(url_for("account.sign_in"), 303))  # type: ignore[arg-type]


def _page(form: SignInForm) -> str:
    return form_page(form, "Sign in", "Sign in", intro=["For certified prescribers, pharmacies and auditors."])


def _inside(address: str) -> str:
    """The page to go back to, if it is one of ours: never an address on another server."""
    parts = urlsplit(address)
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc
    return address if is_ours and not parts.scheme and "\\" not in address else ""
