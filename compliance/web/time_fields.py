"""The form fields for dates and times: months are chosen by name, and a clock that skips or repeats is asked about."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple, cast

from wtforms import Field
from wtforms.utils import unset_value

from compliance.domain.facts import Precision
from compliance.domain.span import Instant, zone
from compliance.web.request import now, site_zone
from compliance.web.times import NotATime, read_day, read_local, spell, zone_name
from compliance.web.words import about

_LONGEST_PART = 12


class Moment(NamedTuple):
    """When something was true, and how exactly that is known."""

    at: Instant
    precision: Precision
    is_now: bool = False


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
            text = str(problem)
            self.process_errors.append(text if text == self.missing else about(self.label.text, text))

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
