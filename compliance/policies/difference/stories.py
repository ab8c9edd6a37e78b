"""Varies a told story one axis at a time, in every way that its facts allow, knowing nothing of any requirement.

So a new kind of requirement or of fact needs nothing here: its numbers come from the policies, its facts from their
examples, and its words from the closed vocabularies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from enum import Enum
from functools import cache, partial
from typing import Any, NamedTuple, get_type_hints

from compliance.cases.reading import Case
from compliance.domain.decision import Request
from compliance.domain.errors import DomainError
from compliance.domain.facts import (
    FACTS,
    Category,
    Dispense,
    Fact,
    Handover,
    Method,
    MethodInUse,
    Precision,
    Prescription,
    Step,
)
from compliance.domain.span import Instant, Zone
from compliance.domain.wire import check_fact
from compliance.policies.difference.boundaries import Boundaries

_FIXED = frozenset({"id", "at", "recorded_at", "resulted_at", "actor", "precision", "corrects", "reason"})


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
        return _happened(self, moved, moved.at) if moved.precision is Precision.DAY else moved

    def having(self, fact: Fact) -> Story:
        """The story with one fact more, or another in its place. Raises DomainError for an impossible one."""
        check_fact(fact)
        return replace(self, facts={**self.facts, fact.id: fact})

    def without(self, name: str) -> Story:
        """The story without one fact."""
        return replace(self, facts={held: fact for held, fact in self.facts.items() if held != name})


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


def edits(story: Story, numbers: Boundaries, pool: Pool) -> Iterator[Edit]:
    """Every edit of a story: its question, each fact and its members, when things happened, what else was told."""
    yield from _request_edits(story.request)
    for name, fact in story.facts.items():
        yield Edit(name, "left out", partial(_without, name))
        yield from _member_edits(story, fact, numbers)
        yield from _time_edits(story, fact, numbers)
    yield from _age_edits(story, numbers)
    yield from _category_edits()
    yield from _told_edits(story, pool)


def _without(name: str, story: Story) -> Story:
    return story.without(name)


def _having(fact: Fact, story: Story) -> Story:
    return story.having(fact)


def _asking(name: str, word: Enum, story: Story) -> Story:
    return replace(story, request=replace(story.request, **{name: word}))


def _at(name: str, moment: Instant, story: Story) -> Story:
    return story.having(_happened(story, story.facts[name], moment))


def _request_edits(request: Request) -> Iterator[Edit]:
    for name, words in (("step", Step), ("handover", Handover)):
        yield from (
            Edit(name, word.value, partial(_asking, name, word)) for word in words if word is not getattr(request, name)
        )


def _set(name: str, member: str, label: str, value: Any) -> Edit:
    return Edit(
        f"{name}.{member}",
        label,
        lambda s: s.having(replace(s.facts[name], **{member: value})),
    )


@cache
def _hints_of(kind: str) -> dict[str, Any]:
    hints = get_type_hints(FACTS[kind])
    return {f.name: hints[f.name] for f in fields(FACTS[kind]) if f.name not in _FIXED}


def _member_edits(story: Story, fact: Fact, numbers: Boundaries) -> Iterator[Edit]:
    for member, hint in _hints_of(fact.kind).items():
        value = getattr(fact, member)
        for other in _other_values(value, hint, story.today, numbers):
            if other != value:
                yield _set(fact.id, member, _said(other), other)


def _other_values(value: Any, hint: Any, today: date, numbers: Boundaries) -> Iterator[Any]:
    text = str(hint)
    if "None" in text:
        yield None
    if hint is bool:
        yield not value
    elif isinstance(hint, type) and issubclass(hint, Enum):
        yield from hint
    elif hint is int or text == "int | None":
        yield from numbers.counts
    elif "date" in text and "datetime.datetime" not in text:
        yield from numbers.dates(today)
    elif "MethodInUse" in text:
        yield from _other_methods(value, today, numbers)
    elif text.startswith("frozenset"):
        yield from (value - {word} for word in sorted(value, key=_said))
        words = hint.__args__[0]
        if issubclass(words, Enum):
            yield from (value | {word} for word in words)


def _other_methods(
    value: tuple[MethodInUse, ...], today: date, numbers: Boundaries
) -> Iterator[tuple[MethodInUse, ...]]:
    for at, used in enumerate(value):
        before, after = value[:at], value[at + 1 :]
        yield before + after
        yield from ((*before, MethodInUse(word, used.since), *after) for word in Method)
    for days in numbers.days:
        yield tuple(MethodInUse(used.method, today - timedelta(days=days)) for used in value)


def _said(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, frozenset | tuple):
        return " + ".join(sorted(_said(one) for one in value)) or "none"
    return f"{value.method.value} since {value.since}" if isinstance(value, MethodInUse) else str(value)


def _time_edits(story: Story, fact: Fact, numbers: Boundaries) -> Iterator[Edit]:
    """The fact alone at every distance from now, from the prescription, and from the newest supply before."""
    anchors = [story.at, *(held.at for held in _anchors(story) if held.id != fact.id)]
    moments = {moment for anchor in anchors for moment in numbers.moments(anchor, story.zone) if moment <= story.at}
    for moment in sorted(moments - {fact.at}, reverse=True):
        yield Edit(f"{fact.id}.at", moment.isoformat(), partial(_at, fact.id, moment))


def _anchors(story: Story) -> list[Fact]:
    held = sorted(story.facts.values(), key=lambda fact: fact.at)
    asked: list[Fact] = [
        fact for fact in held if isinstance(fact, Prescription) and fact.id == story.request.prescription
    ]
    supplies: list[Fact] = [fact for fact in held if isinstance(fact, Dispense)]
    return asked + supplies[-1:]


def _happened(story: Story, fact: Fact, moment: Instant) -> Fact:
    """The fact at another moment; what follows it (the result, the record) follows, but is known by now."""
    if fact.precision is Precision.DAY:
        moment = story.zone.start_of(story.zone.date_of(moment))
    delta = moment - fact.at
    later = {n: min(getattr(fact, n) + delta, story.at) for n in ("recorded_at", "resulted_at") if hasattr(fact, n)}
    return replace(fact, at=moment, **later)  # type: ignore[arg-type]


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


def _age_edits(story: Story, numbers: Boundaries) -> Iterator[Edit]:
    """The prescription, or the newest supply, with everything before it, at another distance from now."""
    for anchor in _anchors(story):
        for moment in sorted(set(numbers.moments(story.at, story.zone)) - {anchor.at}, reverse=True):
            if moment <= story.at:
                label = moment.isoformat()
                yield Edit(f"up to {anchor.id}", label, partial(_aged, anchor.id, moment))


def _aged(name: str, moment: Instant, story: Story) -> Story:
    anchor = story.facts[name]
    delta = moment - anchor.at
    older = {
        held: _happened(story, fact, Instant(fact.at + delta))
        for held, fact in story.facts.items()
        if fact.at <= anchor.at
    }
    return replace(story, facts={**story.facts, **older})


def _category_edits() -> Iterator[Edit]:
    for category in Category:
        yield Edit("category", category.value, partial(_recategorized, category))


def _recategorized(category: Category, story: Story) -> Story:
    facts = {
        name: replace(fact, category=category) if hasattr(fact, "category") else fact
        for name, fact in story.facts.items()
    }
    return replace(story, facts=facts)


def _told_edits(story: Story, pool: Pool) -> Iterator[Edit]:
    """Each fact that any example of either policy tells, added to this story or put in its fact's place."""
    seen: set[Fact] = set(story.facts.values())
    for (fact, at), name in pool.items():
        told = story.told(fact, at)
        if told not in seen:
            seen.add(told)
            yield Edit(told.id, f"as in {name}", partial(_having, told))
