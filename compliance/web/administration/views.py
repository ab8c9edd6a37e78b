"""The administrator's pages: accounts and sites, passwords and keys, certifications."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from compliance.domain.access import Verb, may
from compliance.domain.facts import CertifiedRole
from compliance.services import accounts, certifying
from compliance.services.accounts import User
from compliance.services.errors import Conflict, Invalid, no_such
from compliance.web.administration.forms import CertifyForm, PasswordForm, RevokeForm, SiteForm, UserForm
from compliance.web.forms import Form
from compliance.web.pages import form_page
from compliance.web.records.base import programmes
from compliance.web.request import actor, programme
from compliance.web.sessions import guarded, needs

blueprint = guarded(Blueprint("administration", __name__, url_prefix="/administration"))


@blueprint.get("/users")
@needs(Verb.MANAGE_ACCOUNTS)
def users() -> str:
    """Show everybody who has an account."""
    sites = {site.id: site.name for site in accounts.list_sites(programme(), actor())}
    people = accounts.list_users(programme(), actor())
    return render_template("administration/users.html", people=people, sites=sites)


@blueprint.route("/users/new", methods=["GET", "POST"])
@needs(Verb.MANAGE_ACCOUNTS)
def add_user() -> Response | tuple[str, int]:
    """Add a person."""
    form = UserForm(accounts.list_sites(programme(), actor()))
    if form.is_good():
        said = {name: form[name].data for name in ("username", "name", "role", "site", "password")}
        try:
            accounts.add_user(programme(), actor(), **said, key=form.key)
        except (Invalid, Conflict) as refused:
            form.refuse(refused)
        else:
            flash("The person can sign in now. Before they can act they need a certification, if their role has one.")
            return redirect(url_for(".users"), 303)
    return _user_page(form), form.http_status


def _user_page(form: Form) -> str:
    return form_page(form, "Add a person", "Add", back=url_for(".users"))


def _person(user: str) -> User:
    found = next((one for one in accounts.list_users(programme(), actor()) if one.id == user), None)
    if found is None:
        raise no_such("user")
    return found


@blueprint.get("/users/<user>")
@needs(Verb.MANAGE_ACCOUNTS)
def person(user: str) -> str:
    """Show one person and what can be done about their account."""
    return _person_page(user, PasswordForm())


@blueprint.post("/users/<user>/password")
@needs(Verb.MANAGE_ACCOUNTS)
def set_password(user: str) -> Response | tuple[str, int]:
    """Give a new password."""
    form = PasswordForm()
    if form.is_good():
        try:
            accounts.set_password(programme(), actor(), user, form.password.data, key=form.key)
        except Invalid as refused:
            form.refuse(refused)
        else:
            flash("The password is set, and every session of the person has ended.")
            return redirect(url_for(".person", user=user), 303)
    return _person_page(user, form), form.http_status


def _person_page(user: str, form: Form, api_key: str = "") -> str:
    return render_template("administration/person.html", person=_person(user), form=form, api_key=api_key)


@blueprint.post("/users/<user>/sessions")
@needs(Verb.MANAGE_ACCOUNTS)
def revoke_sessions(user: str) -> Response:
    """End every session of a person."""
    ended = accounts.revoke_sessions(programme(), actor(), user, key=request.form.get("key", ""))
    flash(f"{ended} sessions have ended.")
    return redirect(url_for(".person", user=user), 303)


@blueprint.post("/users/<user>/deactivate")
@needs(Verb.MANAGE_ACCOUNTS)
def deactivate(user: str) -> Response:
    """Shut a person out."""
    accounts.deactivate_user(programme(), actor(), user, key=request.form.get("key", ""))
    flash("The person cannot sign in any more. What they did stays on record.")
    return redirect(url_for(".person", user=user), 303)


@blueprint.post("/users/<user>/keys")
@needs(Verb.MANAGE_ACCOUNTS)
def issue_key(user: str) -> str:
    """Make a key for a machine and show it once: it is never stored and never sent on."""
    return _person_page(user, PasswordForm(), accounts.issue_api_key(programme(), actor(), user))


@blueprint.post("/users/<user>/keys/revoke")
@needs(Verb.MANAGE_ACCOUNTS)
def revoke_keys(user: str) -> Response:
    """End every key of a person."""
    ended = accounts.revoke_api_keys(programme(), actor(), user, key=request.form.get("key", ""))
    flash(f"{ended} keys have ended.")
    return redirect(url_for(".person", user=user), 303)


@blueprint.get("/sites")
@needs(Verb.MANAGE_ACCOUNTS)
def sites() -> str:
    """Show all sites."""
    return render_template("administration/sites.html", sites=accounts.list_sites(programme(), actor()))


@blueprint.route("/sites/new", methods=["GET", "POST"])
@needs(Verb.MANAGE_ACCOUNTS)
def add_site() -> Response | tuple[str, int]:
    """Add a site."""
    form = SiteForm()
    if form.is_good():
        said = {name: form[name].data for name in ("name", "kind", "zone")}
        try:
            accounts.add_site(programme(), actor(), **said, key=form.key)
        except Invalid as refused:
            form.refuse(refused)
        else:
            flash("The site is added.")
            return redirect(url_for(".sites"), 303)
    return form_page(form, "Add a site", "Add", back=url_for(".sites")), form.http_status


@blueprint.get("/certifications")
@needs(Verb.LIST_CERTIFICATIONS)
def certifications() -> str:
    """Show how every certification stands."""
    found = certifying.list_certifications(programme(), actor())
    can_change = may(actor().role, Verb.CERTIFY)
    return render_template("administration/certifications.html", found=found, can_change=can_change)


@blueprint.route("/certifications/new", methods=["GET", "POST"])
@needs(Verb.CERTIFY)
def certify() -> Response | tuple[str, int]:
    """Certify a person or a pharmacy."""
    form = _certify_form()
    if form.is_good():
        role, subject = form.chosen
        try:
            certifying.certify(
                programme(), actor(), subject, role, form.expires_on.day, form.programme.data, key=form.key
            )
        except Invalid as refused:
            form.refuse(refused)
        else:
            flash("The certification is recorded.")
            return redirect(url_for(".certifications"), 303)
    return _certify_page(form), form.http_status


def _certify_form() -> CertifyForm:
    users, sites = accounts.list_users(programme(), actor()), accounts.list_sites(programme(), actor())
    return CertifyForm(users, sites, programmes())


def _certify_page(form: Form) -> str:
    return form_page(form, "Certify", "Certify", back=url_for(".certifications"))


@blueprint.route("/certifications/<role>/<subject>/<country>/<name>/revoke", methods=["GET", "POST"])
@needs(Verb.REVOKE_CERTIFICATION)
def revoke(role: str, subject: str, country: str, name: str) -> Response | tuple[str, int]:
    """Withdraw a certification: every step that rests on it is refused from now on."""
    form = RevokeForm()
    if form.is_good():
        try:
            certifying.revoke(
                programme(), actor(), subject, _role(role), form.reason.data, f"{country}/{name}", key=form.key
            )
        except Invalid as refused:
            form.refuse(refused)
        else:
            flash("The certification is withdrawn. Every step that rests on it is refused from now on.")
            return redirect(url_for(".certifications"), 303)
    return _revoke_page(role, subject, f"{country}/{name}", form), form.http_status


def _role(text: str) -> CertifiedRole:
    if text not in {role.value for role in CertifiedRole}:
        abort(404)
    return CertifiedRole(text)


def _revoke_page(role: str, subject: str, named: str, form: Form) -> str:
    held = certifying.list_certifications(programme(), actor())
    asked = subject, _role(role), named
    found = next((one for one in held if (one.subject, one.role, one.programme) == asked), None)
    if found is None:
        raise no_such("certification")
    back = url_for(".certifications")
    return form_page(
        form,
        "Withdraw the certification",
        "Withdraw",
        back=back,
        caption=f"{found.name}, {named}",
        button_look="nhsuk-button--warning",
    )
