"""Every error of the API as RFC 9457 problem+json with a stable code: machines never parse a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import islice
from typing import Any

from flask import Response

PROBLEM_TYPE = "application/problem+json"
_MOST_FAULTS = 100  # an answer must not grow with the mischief of the request


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request: where (a JSON pointer, a header, a parameter) and what."""

    pointer: str
    code: str
    detail: str


@dataclass
class Refused(Exception):
    """A request that is not carried out: its status, its code, and everything found wrong with it."""

    status: int
    code: str
    detail: str
    faults: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def problem(refused: Refused) -> Response:
    """Write a refusal as a response."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "code": refused.code,
        "detail": refused.detail,
        "errors": [{"pointer": f.pointer, "code": f.code, "detail": f.detail} for f in refused.faults],
    }
    return json_response(body, refused.status, refused.headers, PROBLEM_TYPE)


def json_response(
    body: Any, status: int, headers: Mapping[str, str] | None = None, content_type: str = "application/json"
) -> Response:
    """Write a body that nobody may keep: answers hold personal data and are true only now."""
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    response = Response(text.encode(), status=status, content_type=content_type)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.update(headers or {})
    return response


def invalid(faults: Iterable[Fault]) -> Refused:
    """A body that is JSON but does not say what is needed; every fault is named, not only the first."""
    found = tuple(islice(faults, _MOST_FAULTS))
    return Refused(422, found[0].code, f"{found[0].pointer}: {found[0].detail}", found)
