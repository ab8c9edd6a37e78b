"""A told story as a state that can be edited, because a difference is only shown by somebody's story."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from compliance.cases.reading import NO_PRESCRIPTION, Case
from compliance.domain.decision import Request
from compliance.domain.errors import DomainError
from compliance.domain.facts import Fact, MethodInUse, Precision
from compliance.domain.span import Instant, Zone
from compliance.domain.wire import check_fact


@dataclass(frozen=True, slots=True)
class Story:
    """One concrete state: what is known and what is asked, when, and by which edits it came about."""

    at: Instant
    zone: Zone
    request: Request
    facts: Mapping[str, Fact]
    edits: tuple[str, ...] = ()

    @property
    def today(self) -> date:
        """The civil day of the question."""
        return self.zone.date_of(self.at)

    def told(self, fact: Fact, at: Instant) -> Fact:
        """A fact of another story, told at another moment, as if it had been told at the moment of this one."""
        moved = _moved(fact, self.at - at, (self.today - self.zone.date_of(at)).days)
        return happened(self, moved, moved.at) if moved.precision is Precision.DAY else moved

    def having(self, fact: Fact) -> Story:
        """The story with one fact more, or another in its place. Raises DomainError for an impossible one."""
        check_fact(fact)
        return replace(self, facts={**self.facts, fact.id: fact})

    def without(self, name: str) -> Story:
        """The story without one fact; where that is the prescription, none is asked about."""
        facts = {held: fact for held, fact in self.facts.items() if held != name}
        asked = (
            replace(self.request, prescription=NO_PRESCRIPTION) if name == self.request.prescription else self.request
        )
        return replace(self, facts=facts, request=asked)


class Edit(NamedTuple):
    """One class of one axis: what is changed, to what, and how."""

    axis: str
    label: str
    apply: Callable[[Story], Story]

    def on(self, story: Story) -> Story | None:
        """The edited story, or None where the edit makes no possible one, or needs a fact that is no longer there."""
        try:
            edited = self.apply(story)
        except (DomainError, KeyError, OverflowError, ValueError):
            return None
        return replace(edited, edits=(*story.edits, f"{self.axis}: {self.label}"))


def story_of(case: Case, where: Zone) -> Story:
    """The story that a case tells."""
    return Story(case.at, where, case.request, {fact.id: fact for fact in case.facts})


Pool = Mapping[tuple[Fact, Instant], str]
"""Every fact that any example tells, with the moment of that example, by the name of the first that does."""


def pool_of(cases: Iterable[Case]) -> Pool:
    """All that some cases tell, each fact once."""
    pool: dict[tuple[Fact, Instant], str] = {}
    for case in cases:
        for fact in case.facts:
            pool.setdefault((fact, case.at), case.name)
    return pool


def happened(story: Story, fact: Fact, moment: Instant) -> Fact:
    """The fact at another moment; what follows it (the result, the record) follows, but is known by now."""
    if fact.precision is Precision.DAY:
        moment = story.zone.start_of(story.zone.date_of(moment))
    delta = moment - fact.at
    later = {n: min(getattr(fact, n) + delta, story.at) for n in ("recorded_at", "resulted_at") if hasattr(fact, n)}
    return replace(fact, at=moment, **later)


def _moved(fact: Fact, delta: timedelta, days: int) -> Fact:
    """A fact with all its moments moved, and all its civil dates by whole days."""
    moved: dict[str, Any] = {}
    for f in fields(fact):
        value = getattr(fact, f.name)
        if f.name in ("at", "recorded_at", "resulted_at"):
            moved[f.name] = Instant(value + delta)
        elif days and isinstance(value, date):
            moved[f.name] = value + timedelta(days=days)
        elif days and f.name == "methods":
            moved[f.name] = tuple(MethodInUse(m.method, m.since + timedelta(days=days)) for m in value)
    return replace(fact, **moved)
