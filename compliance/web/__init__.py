"""The pages: one blueprint for each job, thin doors over the services.

`create_app` builds the Flask application of the pages alone; `compliance.app` joins the other doors to it.
"""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from compliance import paths
from compliance.services.app import App, open_app
from compliance.settings import Settings
from compliance.web import (
    account,
    administration,
    audit,
    headers,
    holds,
    pages,
    patients,
    pharmacy,
    policies,
    prescriptions,
    problems,
    records,
    reports,
    sessions,
)

_MOST_BYTES = 256 * 1024
_MOST_PARTS = 200

BLUEPRINTS = (account, patients, records, prescriptions, pharmacy, reports, holds, policies, administration, audit)
"""Every job that has pages, in the order of a supply's life."""


def create_app(settings: Settings | None = None, app: App | None = None) -> Flask:
    """Build the pages over a programme; opens one by the settings if none is given."""
    app = app or open_app(settings or Settings.from_environment())
    settings = app.settings
    flask = Flask("compliance.web", static_folder=None, template_folder=str(paths.require(paths.TEMPLATES)))
    flask.extensions["kelsey"] = app
    flask.config.update(
        SECRET_KEY=settings.secret_key_file.read_text(encoding="ascii").strip(),
        MAX_CONTENT_LENGTH=_MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=_MOST_BYTES,
        MAX_FORM_PARTS=_MOST_PARTS,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        SESSION_COOKIE_NAME=sessions.cookie_name(settings, "kelsey-form"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,
        PROPAGATE_EXCEPTIONS=False,
    )
    pages.install(flask)
    headers.install(flask)
    sessions.install(flask, settings)
    problems.install(flask)
    for job in BLUEPRINTS:
        flask.register_blueprint(job.views.blueprint)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        flask.wsgi_app = ProxyFix(flask.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return flask
