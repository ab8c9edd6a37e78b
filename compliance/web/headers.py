"""Headers that hold a browser to this server alone, and keep pages with personal data out of every cache."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request

_POLICY = (
    "default-src 'self'; script-src 'self'{nonce}; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_PLAIN = _POLICY.format(nonce="")
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_YEAR = 31_536_000


def csp_nonce() -> str:
    """The one-time word that lets this page's own script run; made only for pages that are drawn."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def install(flask: Flask) -> None:
    """Send the headers with every answer, errors included."""
    flask.jinja_env.globals["csp_nonce"] = csp_nonce
    flask.after_request(_add)


def _add(response: Response) -> Response:
    nonce = g.get("csp_nonce")
    policy = _POLICY.format(nonce=f" 'nonce-{nonce}'") if nonce else _PLAIN
    response.headers.setdefault("Content-Security-Policy", policy)
    for name, value in _FIXED.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}")
    return response
