"""The frame of every page: navigation by role, assets by content, and the words and times that templates use.

Our templates are strict: a name that nobody set is an error, never an empty place on a pharmacist's screen.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, render_template, send_from_directory, url_for
from jinja2 import StrictUndefined

from compliance import paths
from compliance.domain.access import Verb, may
from compliance.services.patients import PatientSummary
from compliance.web import history, kit, times, words
from compliance.web.forms import Form
from compliance.web.request import site_zone
from compliance.web.sessions import who


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation, for those who may use it."""

    endpoint: str
    text: str
    verb: Verb | None
    """None: for everybody who has signed in."""


NAVIGATION = (
    Link("patients.index", "Patients", Verb.READ_PATIENT),
    Link("pharmacy.index", "Look up an authorization", Verb.LOOK_UP),
    Link("administration.users", "Users", Verb.MANAGE_ACCOUNTS),
    Link("administration.sites", "Sites", Verb.MANAGE_ACCOUNTS),
    Link("administration.certifications", "Certifications", Verb.LIST_CERTIFICATIONS),
    Link("audit.index", "Log", Verb.READ_LOG),
    Link("policies.index", "Policies", None),
    Link("reports.report", "Report a pregnancy or a positive test", Verb.REPORT_PREGNANCY),
)


def navigation() -> list[Link]:
    """What the signed-in person can go to."""
    actor = who()
    return [link for link in NAVIGATION if actor and (link.verb is None or may(actor.role, link.verb))]


def asset(path: str) -> str:
    """The address of a static file, named by its content so that browsers may keep it."""
    if path not in _versions:
        _versions[path] = hashlib.sha256((paths.STATIC / path).read_bytes()).hexdigest()[:12]
    return url_for("static", filename=path, v=_versions[path])


_versions: dict[str, str] = {}
_YEAR = 31_536_000


def identity(patient: PatientSummary) -> str:
    """The two identifiers that stand over every form about a patient."""
    return f"{patient.family_name}, {patient.given_name}, born {times.spell_birth(patient.birth_date)}"


def form_page(form: Form, title: str, button: str, **more: Any) -> str:
    """A page that is one form: most jobs need no template of their own."""
    frame = {"intro": (), "back": "", "caption": "", "warning": "", "button_look": "", "heading_size": "l"}
    return render_template("form.html", form=form, title=title, button=button, **{**frame, **more})


def install(flask: Flask) -> None:
    """Give the templates their strictness, their words and their addresses."""
    folder = Path(paths.require(paths.STATIC))

    def static(filename: str) -> Response:
        return send_from_directory(folder, filename, max_age=_YEAR)

    flask.add_url_rule("/static/<path:filename>", "static", static)
    flask.jinja_options = {"undefined": StrictUndefined, "autoescape": True}
    flask.jinja_env.trim_blocks = flask.jinja_env.lstrip_blocks = True
    flask.jinja_env.globals.update(
        asset=asset, navigation=navigation, who=who, kit_field=kit.draw_field, error_summary=kit.error_summary,
        new_key=lambda: secrets.token_urlsafe(18), months=times.MONTHS, words=words, label=words.label,
    )  # fmt: skip
    flask.jinja_env.filters.update(
        day=times.spell_day, birth=times.spell_birth, line=history.line,
        true_at=history.true_at, learned_at=history.learned_at,
        utc=lambda text: times.spell(datetime.fromisoformat(text), "UTC", seconds=True),
        moment=lambda at: times.spell(at, site_zone()),
        exact=lambda at: times.spell(at, site_zone(), seconds=True),
        end=lambda at: times.spell_end(at, site_zone()),
    )  # fmt: skip
