"""The door for a WSGI server (`gunicorn wsgi:app`), so that deployments need to know one name only."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@cache
def _application() -> WSGIApplication:
    from compliance.app import build  # noqa: PLC0415 - importing this file must read no settings

    application: WSGIApplication = build()
    return application


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request, building the application with the first."""
    return _application()(environ, start_response)
