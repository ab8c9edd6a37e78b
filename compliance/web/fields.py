"""The form fields of this house: they refuse in sentences and choose nothing beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from compliance.web.words import about

_MOST = 500
_CHOOSE = "Choose"


def _presence(message: str) -> list[Any]:
    return [InputRequired(message)] if message else [Optional()]


class Text(StringField):  # type: ignore[misc] # WTForms has no types
    """A line of text; `missing` is what to say when it is empty ("" where it may be)."""

    kind = "input"

    def __init__(self, label: str, *, missing: str = "", most: int = 100, look: Any = None, **kw: Any) -> None:
        presence = DataRequired(missing) if missing else Optional()
        validators = [presence, Length(max=most, message=about(label, f"use {most} characters at most"))]
        super().__init__(label, validators, **kw)
        self.look = {"spellcheck": False, **(look or {})}

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take the text without the spaces that copying brings along."""
        if valuelist:
            self.data = valuelist[0].strip()


class Number(Text):
    """A whole number in figures."""

    def __init__(self, label: str, *, missing: str, unit: str = "", **kw: Any) -> None:
        look = {"inputmode": "numeric", "width": 4, **({"suffix": unit} if unit else {})}
        super().__init__(label, missing=missing, most=6, look=look, **kw)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - the signature is WTForms'
        """Refuse what is no whole number, quoting it."""
        if self.data and not (self.data.isascii() and self.data.isdigit()):
            raise ValidationError(about(self.label.text, f"“{self.data[:20]}” is not a whole number in figures"))

    @property
    def number(self) -> int:
        """The number; only to be asked of a form that was found good."""
        return int(self.data)


class Password(PasswordField):  # type: ignore[misc] # WTForms has no types
    """A password, never shown again."""

    kind = "password"

    def __init__(self, label: str, *, missing: str, autocomplete: str, **kw: Any) -> None:
        super().__init__(label, [InputRequired(missing), Length(max=200)], **kw)
        self.look = {"autocomplete": autocomplete}


class LongText(Text):
    """A few lines of text, for reasons."""

    kind = "textarea"

    def __init__(self, label: str, *, missing: str = "", **kw: Any) -> None:
        super().__init__(label, missing=missing, most=_MOST, **kw)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Join the lines: facts hold texts of one line."""
        if valuelist:
            self.data = " ".join(valuelist[0].split())


def _must_be_offered(field: Any, given: Sequence[str]) -> None:
    for value in given:
        if value not in field.choices:
            raise ValidationError(about(field.label.text, f"“{value[:20]}” is none of the choices"))


class OneOf(RadioField):  # type: ignore[misc] # WTForms has no types
    """A choice of one, with nothing chosen beforehand."""

    kind = "radios"

    def __init__(self, label: str, choices: Any = (), *, missing: str = "", hints: Any = None, **kw: Any) -> None:
        super().__init__(label, _presence(missing), choices=dict(choices), default="", **kw)
        self.item_hints = hints or {}

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Offer these choices from now on."""
        self.choices = dict(choices)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - the signature is WTForms'
        """Leave an empty choice to the rule on presence."""
        if self.data:
            _must_be_offered(self, [self.data])


class Listed(SelectField):  # type: ignore[misc] # WTForms has no types
    """A choice from a long list, with nothing chosen beforehand."""

    kind = "select"

    def __init__(self, label: str, choices: Any = (), *, missing: str = "", **kw: Any) -> None:
        super().__init__(label, _presence(missing), choices={"": _CHOOSE, **dict(choices)}, default="", **kw)

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Offer these choices from now on."""
        self.choices = {"": _CHOOSE, **dict(choices)}

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - the signature is WTForms'
        """Refuse what is not on the list, quoting it."""
        _must_be_offered(self, [self.data or ""])


class SomeOf(SelectMultipleField):  # type: ignore[misc] # WTForms has no types
    """Any number of choices, none ticked beforehand."""

    kind = "checkboxes"

    def __init__(self, label: str, choices: Any = (), *, missing: str = "", hints: Any = None, **kw: Any) -> None:
        super().__init__(label, _presence(missing), choices=dict(choices), **kw)
        self.item_hints = hints or {}

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Offer these choices from now on."""
        self.choices = dict(choices)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - the signature is WTForms'
        """Refuse what is not on the list, quoting it."""
        _must_be_offered(self, self.data or [])


class Tick(BooleanField):  # type: ignore[misc] # WTForms has no types
    """One attestation, unticked until somebody ticks it; `missing` makes it a condition."""

    kind = "tick"

    def __init__(self, label: str, *, missing: str = "", **kw: Any) -> None:
        super().__init__(label, _presence(missing), **kw)
