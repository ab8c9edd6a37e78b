"""Every edit of a told story, one axis at a time, in every way that its facts allow.

So a new kind of requirement or of fact needs nothing here: its numbers come from the policies, its facts from their
examples, and its words from the closed vocabularies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, timedelta
from enum import Enum
from functools import cache, partial
from typing import Any, get_type_hints

from compliance.domain.decision import Request
from compliance.domain.facts import (
    FACTS,
    Category,
    Dispense,
    Fact,
    Handover,
    Method,
    MethodInUse,
    Prescription,
    Step,
)
from compliance.domain.span import Instant
from compliance.policies.difference.boundaries import Boundaries
from compliance.policies.difference.stories import Edit, Pool, Story, happened

_FIXED = frozenset({"id", "at", "recorded_at", "resulted_at", "actor", "precision", "corrects", "reason"})


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
    changed: dict[str, Any] = {name: word}
    return replace(story, request=replace(story.request, **changed))


def _at(name: str, moment: Instant, story: Story) -> Story:
    return story.having(happened(story, story.facts[name], moment))


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
        held: happened(story, fact, Instant(fact.at + delta))
        for held, fact in story.facts.items()
        if fact.at <= anchor.at
    }
    return replace(story, facts={**story.facts, **older})


def _category_edits() -> Iterator[Edit]:
    for category in Category:
        yield Edit("category", category.value, partial(_recategorized, category))


def _recategorized(category: Category, story: Story) -> Story:
    other: dict[str, Any] = {"category": category}
    facts = {name: replace(fact, **other) if hasattr(fact, "category") else fact for name, fact in story.facts.items()}
    return replace(story, facts=facts)


def _told_edits(story: Story, pool: Pool) -> Iterator[Edit]:
    """Each fact that any example of either policy tells, added to this story or put in its fact's place."""
    seen: set[Fact] = set(story.facts.values())
    for (fact, at), name in pool.items():
        told = story.told(fact, at)
        if told not in seen:
            seen.add(told)
            yield Edit(told.id, f"as in {name}", partial(_having, told))
