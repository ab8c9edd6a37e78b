"""The form fields of this house: they refuse in sentences, choose nothing beforehand, and know the site's clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple, cast

from wtforms import (
    BooleanField,
    Field,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.utils import unset_value
from wtforms.validators import InputRequired, Length, Optional

from compliance.domain.facts import Precision
from compliance.domain.span import Instant, zone
from compliance.web.request import now, site_zone
from compliance.web.times import NotATime, read_day, read_local, spell, zone_name

_MOST = 500
_CHOOSE = "Choose"
_LONGEST_PART = 12


class Moment(NamedTuple):
    """When something was true, and how exactly that is known."""

    at: Instant
    precision: Precision
    is_now: bool = False


def about(field: Any, problem: str) -> str:
    """What is wrong with a field, led by its name; a question needs no colon after it."""
    name = field.label.text
    return f"{name} {problem}" if name.endswith("?") else f"{name}: {problem}"


def _presence(message: str) -> list[Any]:
    return [InputRequired(message)] if message else [Optional()]


class Text(StringField):  # type: ignore[misc] # WTForms has no types
    """A line of text; `missing` is what to say when it is empty ("" where it may be)."""

    kind = "input"

    def __init__(self, label: str, *, missing: str = "", most: int = 100, look: Any = None, **kw: Any) -> None:
        validators = [*_presence(missing), Length(max=most, message=f"Use {most} characters at most")]
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
            raise ValueError(f"“{self.data[:20]}” is not a whole number in figures")

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


class OneOf(RadioField):  # type: ignore[misc] # WTForms has no types
    """A choice of one, with nothing chosen beforehand."""

    kind = "radios"

    def __init__(self, label: str, choices: Any = (), *, missing: str = "", hints: Any = None, **kw: Any) -> None:
        super().__init__(label, _presence(missing), choices=dict(choices), default="", **kw)
        self.item_hints = hints or {}

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Offer these choices from now on."""
        self.choices = dict(choices)

    def pre_validate(self, form: Any) -> None:
        """Leave an empty choice to the rule on presence."""
        if self.data:
            super().pre_validate(form)


class Listed(SelectField):  # type: ignore[misc] # WTForms has no types
    """A choice from a long list, with nothing chosen beforehand."""

    kind = "select"

    def __init__(self, label: str, choices: Any = (), *, missing: str = "", **kw: Any) -> None:
        super().__init__(label, _presence(missing), choices={"": _CHOOSE, **dict(choices)}, default="", **kw)

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Offer these choices from now on."""
        self.choices = {"": _CHOOSE, **dict(choices)}


class SomeOf(SelectMultipleField):  # type: ignore[misc] # WTForms has no types
    """Any number of choices, none ticked beforehand."""

    kind = "checkboxes"

    def __init__(self, label: str, choices: Any = (), *, missing: str = "", hints: Any = None, **kw: Any) -> None:
        super().__init__(label, _presence(missing), choices=dict(choices), **kw)
        self.item_hints = hints or {}

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Offer these choices from now on."""
        self.choices = dict(choices)


class Tick(BooleanField):  # type: ignore[misc] # WTForms has no types
    """One attestation, unticked until somebody ticks it; `missing` makes it a condition."""

    kind = "tick"

    def __init__(self, label: str, *, missing: str = "", **kw: Any) -> None:
        super().__init__(label, _presence(missing), **kw)


class Day(Field):  # type: ignore[misc] # WTForms has no types
    """A date in three labelled parts, the month spelled, so that nobody can swap day and month."""

    kind = "day"
    names: tuple[str, ...] = ("day", "month", "year")

    def __init__(self, label: str, *, missing: str = "", **kw: Any) -> None:
        super().__init__(label, [], **kw)
        self.missing = missing
        self.parts: dict[str, str] = {}
        self.is_twofold = False

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:  # noqa: ARG002
        """Read all parts at once: together they are one value."""
        self.process_errors: list[str] = []
        self.data = None
        sent = formdata if formdata is not None else {}
        self.parts = {part: sent.get(f"{self.name}-{part}", "").strip()[:_LONGEST_PART] for part in self.names}
        self.raw_data = [text for text in self.parts.values() if text]
        if formdata is None:
            return
        try:
            self.data = self.read()
        except NotATime as problem:
            self.is_twofold = problem.is_twofold
            self.process_errors.append(str(problem) if str(problem) == self.missing else about(self, str(problem)))

    def read(self) -> Any:
        """The value of the parts, or NotATime."""
        if not self.raw_data:
            if self.missing:
                raise NotATime(self.missing)
            return None
        return read_day(self.parts)

    @property
    def day(self) -> date:
        """The date; only to be asked of a form that was found good."""
        return cast("date", self.data)


class LocalTime(Day):
    """A moment on the site's clock; without hour and minute only the day is known."""

    kind = "time"
    names: tuple[str, ...] = ("day", "month", "year", "hour", "minute", "which")

    def __init__(self, label: str, *, missing: str = "", only_day: bool = False, **kw: Any) -> None:
        super().__init__(label, missing=missing, **kw)
        self.may_be_only_a_day = only_day

    @property
    def zone_name(self) -> str:
        """The name of the clock that is asked for."""
        return zone_name(site_zone())

    @property
    def moment(self) -> Moment:
        """The moment; only to be asked of a form that was found good."""
        return cast("Moment", self.data)

    def read(self) -> Moment | None:
        """The moment, which cannot lie in the future."""
        if not self.raw_data:
            if self.missing:
                raise NotATime(self.missing)
            return None
        found = self._moment()
        if found.at > now():
            raise NotATime(f"“{spell(found.at, site_zone())}” is in the future")
        return found

    def _moment(self) -> Moment:
        if self.may_be_only_a_day and not self.parts["hour"] and not self.parts["minute"]:
            return Moment(zone(site_zone()).start_of(read_day(self.parts)), Precision.DAY)
        return Moment(read_local(self.parts, site_zone()), Precision.INSTANT)


class When(LocalTime):
    """Now, or an earlier moment: nothing is chosen beforehand, and "now" needs no typing."""

    kind = "when"
    names: tuple[str, ...] = ("choice", *LocalTime.names)

    def read(self) -> Moment | None:
        """The present moment if "now" was chosen, else the one that was entered."""
        choice = self.parts["choice"]
        if choice == "now":
            return Moment(now(), Precision.INSTANT, is_now=True)
        if choice != "earlier":
            raise NotATime(self.missing or "Say when")
        self.raw_data = [text for name, text in self.parts.items() if text and name != "choice"]
        self.missing = "give the date and the time"
        return super().read()
