"""The base of every form: errors in one list for the summary, refusals of the services beside their field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from wtforms import Form as WTForm

from compliance.services.errors import ServiceError
from compliance.web.words import about


class Form(WTForm):  # type: ignore[misc] # WTForms has no types
    """A form that was sent, or an empty one. The token against forged forms is checked before any view runs."""

    def __init__(self, **more: Any) -> None:
        super().__init__(request.form if request.method == "POST" else None, **more)
        self.refusals: list[str] = []

    def is_good(self) -> bool:
        """Whether it was sent and everything in it can be read."""
        return request.method == "POST" and bool(self.validate())

    @property
    def http_status(self) -> int:
        """The HTTP status with which the form is shown: an empty one, or one that was sent and cannot be taken."""
        return 400 if request.method == "POST" else 200

    @property
    def key(self) -> str:
        """The key that makes sending the same form twice do it once."""
        return request.form.get("key", "")

    def refuse(self, error: ServiceError, names: dict[str, str] | None = None) -> None:
        """Show a refusal of the services at the field it is about, or at the top."""
        last = error.field.rpartition(".")[2]
        field = self._fields.get((names or {}).get(last, last))
        if field is None:
            self.refusals.append(error.sentence())
        else:
            given = f" (given: {error.value})" if error.value else ""
            field.errors = [*field.errors, about(field.label.text, f"{error.message}{given}")]

    def problems(self) -> list[tuple[str, str]]:
        """Every error with the id of the input it is about, in the order of the page."""
        found = [("", text) for text in self.refusals]
        for field in self:
            found += [(target(field), str(text)) for text in field.errors]
        return found


def target(field: Any) -> str:
    """The id of the first input of a field, where the error summary leads."""
    first = {"day": "-day", "time": "-day", "when": "-choice"}.get(field.kind, "")
    return f"{field.id}{first}"


def leave_out(form: Form) -> list[str]:
    """Empty every field that cannot be read, and give what they are called; only for news that must not wait."""
    bad = [field for field in form if field.errors]
    for field in bad:
        field.errors, field.data = [], None
    return [str(field.label.text) for field in bad]


def left_out_note(left_out: list[str]) -> str:
    """What to say of fields that were left out."""
    return f" Not readable, so left out: {'; '.join(left_out)}".removesuffix("?") + "." if left_out else ""


def voided_note(voided: Sequence[str]) -> str:
    """What to say of the numbers that ended with the news."""
    return f" {len(voided)} live {'number was' if len(voided) == 1 else 'numbers were'} voided." if voided else ""


class Action(Form):
    """A form without fields: a button."""
