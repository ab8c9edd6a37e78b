"""What people see when something was not done: what happened, and what to do now. Nothing of the inside is shown."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from compliance.services import errors

_TEXTS = {
    400: (
        "The request could not be understood",
        "Nothing was saved. Go back, reload the page and try again.",
    ),
    403: (
        "You may not do this",
        "Your role does not include it. If it should, ask the programme's administrator.",
    ),
    404: (
        "There is nothing here",
        "Check the number or the address. A record of another site looks the same as one that does not exist.",
    ),
    405: ("The request could not be understood", "Go back, reload the page and try again."),
    409: (
        "Something has happened meanwhile",
        "Nothing was saved. Look at the record as it stands now, then decide again.",
    ),
    413: ("That is too much", "Nothing was saved. Shorten the text and try again."),
    500: (
        "Something broke",
        "Nothing was released. Report the fault to the administrator; dispense nothing on this answer.",
    ),
    503: (
        "The programme cannot answer now",
        "Dispense nothing meanwhile. Wait a minute and try again: sending the same form again does nothing twice.",
    ),
}
_STATUS: tuple[tuple[type[errors.ServiceError], int], ...] = (
    (errors.NotFound, 404),
    (errors.NotPermitted, 403),
    (errors.Conflict, 409),
    (errors.Invalid, 400),
    (errors.Unavailable, 503),
)


def status_of(error: errors.ServiceError) -> int:
    """The HTTP status that a refusal of the services becomes."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def page(status: int, message: str = "", code: str = "") -> Response:
    """One page for all problems. A 404 never says more, so that absent and foreign records look alike."""
    title, advice = _TEXTS.get(status, _TEXTS[500])
    if status == 404:
        message = code = ""
    response = make_response(
        render_template("problem.html", title=title, advice=advice, message=message, code=code), status
    )
    if status == 503:
        response.headers["Retry-After"] = "30"
    return response


def _service(error: errors.ServiceError) -> Response:
    return page(status_of(error), error.sentence(), error.code)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value] # a redirect made by the router
    response = page(status)
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    response.status_code = status
    return response


def _csrf(error: CSRFError) -> Response:  # noqa: ARG001 - its text speaks to programmers
    if not current_user.is_authenticated:
        return page(400, "You have been signed out, or the page was open for too long. Sign in and try again.")
    return page(400, "This form was not opened in your present session.")


def install(flask: Flask) -> None:
    """Answer every problem of the pages with a page."""
    handlers: list[tuple[type[Exception], Callable[..., Response]]] = [
        (errors.ServiceError, _service),
        (CSRFError, _csrf),
        (HTTPException, _http),
    ]
    for kind, handler in handlers:
        flask.register_error_handler(kind, handler)
    flask.register_error_handler(Exception, _broken)


def _broken(error: Exception) -> Response:
    current_app.logger.error("unhandled error at %s", request.endpoint, exc_info=error)
    return page(500)
