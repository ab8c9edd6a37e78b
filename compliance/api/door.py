"""Answers requests to the API: whose key it is, what the body says, what the service answers or refuses.

Cookies are never looked at, so a browser cannot be led to act here, and no form tokens are needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from compliance.api.forms import FactForm
from compliance.api.handlers import OPERATIONS
from compliance.api.openapi import specification
from compliance.api.operations import PREFIX, Call, Key, Operation
from compliance.api.problem import Fault, Refused, json_response, problem
from compliance.services import accounts, errors
from compliance.services.actor import Actor
from compliance.services.acts import guarded, is_answered
from compliance.services.app import App
from compliance.strict_json import JsonError, load, pointer_to

_KEY = re.compile(r"[!-~]{1,128}")
_BEARER = re.compile(r"[Bb]earer +([!-~]{1,200})")
_MAX_HEADER = 300
_STATUS: tuple[tuple[type[errors.ServiceError], int], ...] = (
    (errors.NotFound, 404),
    (errors.NotPermitted, 403),
    (errors.Conflict, 409),
    (errors.Invalid, 422),
    (errors.Unavailable, 503),
)
_RETRY_SECONDS = "30"
_WRAPPED = ("fact", "prescription")
_IN_PATH = re.compile(r"[ -~]{1,64}")


def register(flask: Flask) -> None:
    """Put the API into an application that has its programme in `extensions["kelsey"]`."""
    blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
    blueprint.add_url_rule(
        "/openapi.json", "specification", _specification, methods=["GET"], provide_automatic_options=False
    )
    for operation in OPERATIONS:
        blueprint.add_url_rule(
            operation.rule, operation.name, _view(operation), methods=[operation.method],
            provide_automatic_options=False,
        )  # fmt: skip
    blueprint.register_error_handler(Refused, problem)
    blueprint.register_error_handler(errors.ServiceError, lambda error: problem(_of_service(error)))
    blueprint.register_error_handler(HTTPException, lambda error: problem(_of_http(error)))
    blueprint.register_error_handler(Exception, _broken)
    flask.before_request(_unrouted)
    flask.register_blueprint(blueprint)


def _specification() -> Response:
    _refuse_parameters()
    return json_response(specification(), 200)


def _view(operation: Operation) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        app = cast(App, current_app.extensions["kelsey"])
        actor = _actor(app)
        _refuse_parameters()
        if not all(_IN_PATH.fullmatch(name) for name in path.values()):
            raise _of_service(errors.no_such("thing"))
        key = _key(operation)
        body = {} if operation.form is None else operation.form.read(_json())
        # Only a notice for the sender: whether the key counts is decided inside the transaction.
        with guarded():
            is_known = is_answered(app, actor, key)
        answer = operation.handler(Call(app=app, actor=actor, path=path, body=body, key=key))
        return json_response(answer, operation.status, {"Idempotency-Replayed": "true"} if is_known else {})

    return view


def _actor(app: App) -> Actor:
    found = _BEARER.fullmatch(request.headers.get("Authorization", "")[:_MAX_HEADER])
    actor = accounts.actor_of_api_key(app, found[1]) if found else None
    if actor is None:
        raise Refused(
            401, "KEY_UNKNOWN", "send Authorization: Bearer with a valid API key",
            headers={"WWW-Authenticate": 'Bearer realm="kelsey"'},
        )  # fmt: skip
    return actor


def _refuse_parameters() -> None:
    faults = tuple(
        Fault(f"?{name[:40]}", "UNKNOWN_PARAMETER", "nothing is read from the query") for name in request.args
    )
    if faults:
        raise Refused(400, "UNKNOWN_PARAMETER", "leave the query out: nothing is read from the query", faults)


def _key(operation: Operation) -> str:
    given = request.headers.get("Idempotency-Key")
    if operation.key is Key.NONE or (given is None and operation.key is Key.OPTIONAL):
        return ""
    if given is None:
        raise _key_fault("IDEMPOTENCY_KEY_MISSING", "send Idempotency-Key with a new value for each act")
    if not _KEY.fullmatch(given):
        if isinstance(operation.form, FactForm) and operation.form.is_news(_json()):
            return ""
        raise _key_fault("IDEMPOTENCY_KEY_UNREADABLE", "send one key of 1 to 128 visible ASCII characters")
    return given


def _key_fault(code: str, detail: str) -> Refused:
    return Refused(400, code, detail, (Fault("Idempotency-Key", code, detail),))


def _json() -> Any:
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or charset != "utf-8" or request.content_encoding:
        raise Refused(415, "CONTENT_TYPE_UNKNOWN", "send application/json in UTF-8, not compressed")
    try:
        return load(request.get_data())
    except JsonError as error:
        raise Refused(400, error.code, str(error), (Fault(error.pointer, error.code, error.message),)) from error


def _of_service(error: errors.ServiceError) -> Refused:
    status = next((s for kind, s in _STATUS if isinstance(error, kind)), 500)
    given = f" (given: {error.value})" if error.value else ""
    path = error.field.split(".") if error.field else []
    pointer = pointer_to(*(path[1:] if path[:1] and path[0] in _WRAPPED else path))
    pointer = "Idempotency-Key" if error.field == "key" else pointer
    faults = (Fault(pointer, error.code, f"{error.message}{given}"),) if error.field else ()
    retry = {"Retry-After": _RETRY_SECONDS} if status == 503 else {}
    return Refused(status, error.code, error.sentence(), faults, retry)


def _of_http(error: HTTPException) -> Refused:
    status = error.code or 500
    if status < 400:  # a redirect to another spelling of the address: there is only one
        status = 404
    code = (error.name if status == error.code else "Not Found").upper().replace(" ", "_")
    kept = {n: v for n, v in error.get_headers() if n not in {"Content-Type", "Content-Length", "Location"}}
    return Refused(status, re.sub("[^A-Z_]", "", code), "see /api/v1/openapi.json for what there is", headers=kept)


def _unrouted() -> Response | None:
    """Answer requests under our prefix that no route takes; the pages would answer them with a page."""
    is_ours = request.path == PREFIX or request.path.startswith(f"{PREFIX}/")
    if is_ours and request.routing_exception is not None:
        return problem(_of_http(request.routing_exception))
    return None


def _broken(error: Exception) -> Response:
    current_app.logger.error("unhandled error at %s", request.endpoint, exc_info=error)
    return problem(Refused(500, "BROKEN", "a fault of ours; nothing was released on this answer"))
