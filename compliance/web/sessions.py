"""Who is signed in: a token in a cookie, looked up on the server, so that signing out ends it everywhere at once.

Flask-Login asks our session table and nothing else. Flask's own signed cookie carries form tokens and notices only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Blueprint, Flask, Request, Response, abort, current_app, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response as AnyResponse

from compliance.domain.access import Verb, may
from compliance.services import accounts
from compliance.services.actor import Actor
from compliance.settings import Settings
from compliance.web.request import programme

_LONGEST_TOKEN = 256

View = TypeVar("View", bound=Callable[..., Any])


class SignedIn(UserMixin):  # type: ignore[misc] # Flask-Login has no types
    """The signed-in person as Flask-Login wants to see them."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def get_id(self) -> str:
        """Name the person; asked for only by Flask-Login."""
        return self.actor.id


def needs(*verbs: Verb) -> Callable[[View], View]:
    """Let only those roles in that may do all this in the programme."""
    return _mark(verbs)


def signed_in(view: View) -> View:
    """Let everybody in who has signed in."""
    return _mark("signed in")(view)


def everyone(view: View) -> View:
    """Let everybody in; for the door itself."""
    return _mark("everyone")(view)


def _mark(permission: tuple[Verb, ...] | str) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined] # functions take attributes
        return view

    return mark


def guarded(blueprint: Blueprint) -> Blueprint:
    """Put the guard before every view of a blueprint."""
    blueprint.before_request(_guard)
    return blueprint


def _guard() -> AnyResponse | None:
    """Refuse views without a permission mark: a forgotten mark must not open a page."""
    permission = getattr(current_app.view_functions[request.endpoint or ""], "permission", None)
    if current_user.is_authenticated:
        g.actor = current_user.actor
    if permission == "everyone":
        return None
    if "actor" not in g:
        return _ask_to_sign_in()
    if permission == "signed in":
        return None
    if isinstance(permission, tuple) and permission and all(may(g.actor.role, verb) for verb in permission):
        return None
    return abort(403)


def _ask_to_sign_in() -> AnyResponse:
    """Lead to the sign-in page, and back to the page asked for once signed in."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("account.sign_in", next=wanted if wanted != "/" else None), 303)


def cookie_name(settings: Settings, name: str) -> str:
    """The name of a cookie; under HTTPS one that no neighbouring host can set for us."""
    return f"__Host-{name}" if settings.secure_cookies else name


def begin(response: Response, token: str) -> Response:
    """Hand the token over. No lifetime: it goes when the browser closes, and the server ends it before that."""
    settings = programme().settings
    response.set_cookie(
        cookie_name(settings, "kelsey"), token, secure=settings.secure_cookies, httponly=True, samesite="Lax"
    )
    return response


def end(response: Response) -> Response:
    """Take the token back; the server has forgotten it already."""
    settings = programme().settings
    response.delete_cookie(
        cookie_name(settings, "kelsey"), secure=settings.secure_cookies, httponly=True, samesite="Lax"
    )
    return response


def install(flask: Flask, settings: Settings) -> None:
    """Let Flask-Login read our cookie, and let no form pass without its token."""
    manager = LoginManager()
    manager.session_protection = None  # it would bind to Flask's cookie session, which holds no identity here
    manager.init_app(flask)
    name = cookie_name(settings, "kelsey")

    @manager.request_loader  # type: ignore[untyped-decorator] # Flask-Login has no types
    def load(asked: Request) -> SignedIn | None:
        token = asked.cookies.get(name, "")
        if not token or len(token) > _LONGEST_TOKEN:
            return None
        actor = accounts.actor_of_session(programme(), token)
        return SignedIn(actor) if actor else None

    CSRFProtect(flask)


def who() -> Actor | None:
    """The signed-in person, if there is one; for the page frame, which is drawn for both."""
    return cast("Actor | None", g.get("actor"))
