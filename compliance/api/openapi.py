"""The specification of the API, made from the same operations and forms that answer it."""

from __future__ import annotations

from functools import cache
from typing import Any

from compliance.api.forms import FactForm
from compliance.api.operations import OPERATIONS, PREFIX, Key, Operation
from compliance.api.problem import PROBLEM_TYPE
from compliance.api.schemas import Schema, answers, ref

PROBLEMS = {
    400: "The request is not readable: not JSON, or a header is missing or malformed.",
    401: "No valid API key.",
    403: "This role may not do this.",
    404: "There is no such thing, or it belongs to another site.",
    405: "The method does not exist here.",
    409: "The state of things forbids it, or an idempotency key was used for another request.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "A member of the body is wrong.",
    500: "A fault of ours; nothing was released.",
    503: "The register cannot store or read now; nothing was done.",
}
_ALWAYS = (400, 401, 403, 404, 405, 500, 503)
_WITH_BODY = (409, 413, 415, 422)


@cache
def specification() -> dict[str, Any]:
    """The OpenAPI 3.1 document.

    Long because it is one document.
    """
    paths: dict[str, Any] = {
        f"{PREFIX}/openapi.json": {"get": _own_entry()},
    }
    for operation in OPERATIONS:
        paths.setdefault(operation.template, {})[operation.method.lower()] = _entry(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kelsey",
            "version": "1",
            "summary": "Controlled distribution: register, record, authorize, confirm, dispense.",
            "description": (
                "A refusal by the gate is an answer, not an error: status 200, `allowed` false, findings. "
                "Send `Idempotency-Key` so that a repeated request gets the original answer."
            ),
        },
        "servers": [{"url": "/"}],
        "security": [{"apiKey": []}],
        "paths": paths,
        "components": {
            "schemas": answers() | _form_schemas(),
            "responses": {str(status): _problem_response(text) for status, text in PROBLEMS.items()},
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key of one person at one site.",
                }
            },
        },
    }


def _form_schemas() -> dict[str, Schema]:
    out: dict[str, Schema] = {}
    for form in (operation.form for operation in OPERATIONS):
        if form is not None:
            out[form.name] = form.schema()
        if isinstance(form, FactForm):
            out.update((kind.name, kind.schema()) for kind in form.kinds.values())
    return out


def _problem_response(text: str) -> dict[str, Any]:
    return {"description": text, "content": {PROBLEM_TYPE: {"schema": ref("Problem")}}}


def _problems(*statuses: int) -> dict[str, Any]:
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)}


def _entry(operation: Operation) -> dict[str, Any]:
    success: dict[str, Any] = {
        "description": "Done, or decided.",
        "content": {"application/json": {"schema": ref(operation.answer)}},
    }
    entry: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [_path_parameter(name) for name in operation.parameters],
        "responses": {str(operation.status): success},
    }
    if operation.key is not Key.NONE:
        entry["parameters"].append(_key_parameter(required=operation.key is Key.REQUIRED))
        success["headers"] = {
            "Idempotency-Replayed": {
                "description": "`true` if this is the answer to an earlier request with the same key.",
                "schema": {"type": "string", "enum": ["true"]},
            }
        }
    if operation.form is not None:
        entry["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": ref(operation.form.name)}},
        }
    entry["responses"] |= _problems(*_ALWAYS, *(_WITH_BODY if operation.method == "POST" else ()))
    return entry


def _path_parameter(name: str) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": 64}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _key_parameter(*, required: bool) -> dict[str, Any]:
    schema = {"type": "string", "pattern": "^[!-~]{1,128}$"}
    return {"name": "Idempotency-Key", "in": "header", "required": required, "schema": schema}


def _own_entry() -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {
        "operationId": "specification",
        "summary": "This document.",
        "security": [],
        "responses": {
            "200": {"description": "The OpenAPI document.", "content": content},
            **_problems(400, 405, 500),
        },
    }
