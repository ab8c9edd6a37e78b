"""Joins the doors over one programme: pages for people and the API for machines, in one WSGI application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance import api, web

if TYPE_CHECKING:
    from flask import Flask

    from compliance.services.app import App
    from compliance.settings import Settings


def build(settings: Settings | None = None, app: App | None = None) -> Flask:
    """Build the whole application. The API knows no cookies, so it needs no tokens against forged forms."""
    flask = web.create_app(settings, app)
    pages = set(flask.blueprints)
    api.register(flask)
    for name in set(flask.blueprints) - pages:
        flask.extensions["csrf"].exempt(flask.blueprints[name])
    return flask
