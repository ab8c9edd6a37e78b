"""Writes a story in the case format, so that an example can be saved, read by people and run by `kelsey decide`."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from typing import Any

from compliance import strict_toml
from compliance.cases.reading import read_case, time_members
from compliance.domain.decision import Decision, Outcome
from compliance.domain.facts import Fact
from compliance.domain.plain import read_date, read_instant
from compliance.domain.policy import Policy
from compliance.domain.span import Instant
from compliance.domain.wire import write_fact
from compliance.policies.difference.boundaries import days_before
from compliance.policies.difference.grouping import Found
from compliance.policies.difference.stories import Story

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_NEAR = timedelta(hours=48)
_YEAR = 366


def case_of(found: Found, old: Policy, new: Policy) -> str:
    """An example as a case file that expects the answer of the policy in force at its moment, and says both.

    Distances from the moment asked about where they say exactly the same, else whole times.
    """
    is_new = new.starts_at <= found.example.at
    policy, decision = (new, found.after) if is_new else (old, found.before)
    answers = ((old, found.before), (new, found.after))
    why = [f"{side.id} {side.version}: {' '.join([d.outcome.value, *d.codes])}" for side, d in answers]
    near, far = (_written(found.example, policy, decision, why, is_near=is_near) for is_near in (True, False))
    return near if _reads_the_same(near, found.example, policy) else far


def _reads_the_same(text: str, story: Story, policy: Policy) -> bool:
    raw = strict_toml.parse(text.encode(), "example")
    case = read_case({k: v for k, v in raw.items() if k not in _ANSWER}, policy, "example")
    return (case.at, case.request, set(case.facts)) == (story.at, story.request, set(story.facts.values()))


_ANSWER = ("allowed", "unmet", "codes", "outcome")
"""Left aside while reading back: they are the gate's, and need not be told as the story is."""


def _written(story: Story, policy: Policy, decision: Decision, why: list[str], *, is_near: bool) -> str:
    asked = story.request
    lines = [f"# {line}" for line in why]
    lines += [f'programme = "{policy.id}"', f"at = {_moment(story.at, story)}", f'step = "{asked.step.value}"']
    if asked.prescription in story.facts:
        lines.append(f"prescription = {json.dumps(asked.prescription)}")
    lines += [f"{n} = {json.dumps(v)}" for n in ("pharmacy", "pharmacist") if (v := getattr(asked, n))]
    lines += [f'handover = "{asked.handover.value}"'] if asked.handover else []
    lines += answer(decision)
    for name, fact in story.facts.items():
        members = ", ".join(f"{member} = {value}" for member, value in _members(fact, story, is_near=is_near).items())
        lines.append(f"facts.{name if _BARE.fullmatch(name) else json.dumps(name)} = {{ {members} }}")
    return "\n".join(lines) + "\n"


def answer(decision: Decision) -> list[str]:
    """The expected answer: allowed, or the outcome with every requirement that is not met and its code."""
    if decision.outcome is Outcome.ALLOW:
        return ["allowed = true"]
    said = [f'outcome = "{decision.outcome.value}"']
    if decision.codes:
        unmet = [finding.requirement for finding in decision.unmet]
        said += [f"unmet = {json.dumps(unmet)}", f"codes = {json.dumps(decision.codes)}"]
    return said


def _members(fact: Fact, story: Story, *, is_near: bool) -> dict[str, str]:
    plain = write_fact(fact)
    moments, dates = time_members(fact.kind)
    for member in ("id", "specimen", "number"):
        if plain.get(member) == fact.id:
            del plain[member]
    if plain.get("actor") == "somebody" and fact.kind != "hold_review":
        del plain["actor"]
    resulted = plain.get("resulted_at", plain["at"])
    if plain["recorded_at"] == resulted:
        del plain["recorded_at"]
    if resulted == plain["at"]:
        plain.pop("resulted_at", None)
    out = {}
    for member, value in plain.items():
        if value is None:
            continue
        if member in moments:
            moment = read_instant(value, member)
            out[member] = (
                _distance(moment, story) if is_near and (member, plain.get("precision")) != ("at", "day") else ""
            )
            out[member] = out[member] or _moment(moment, story)
        elif member in dates:
            out[member] = _day(read_date(value, member), story, is_near=is_near)
        else:
            out[member] = _value(value, story, is_near=is_near)
    return out


def _value(value: Any, story: Story, *, is_near: bool) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_value(one, story, is_near=is_near) for one in value)}]"
    if isinstance(value, dict):
        said = {
            k: _day(read_date(v, k), story, is_near=is_near) if k == "since" else json.dumps(v)
            for k, v in value.items()
        }
        return f"{{ {', '.join(f'{k} = {v}' for k, v in said.items())} }}"
    return json.dumps(value, ensure_ascii=False)


def _moment(moment: datetime, story: Story) -> str:
    local = moment.astimezone(story.zone.tz)
    return local.isoformat(timespec="microseconds" if local.microsecond else "seconds")


def _distance(moment: Instant, story: Story) -> str:
    """The distance from the moment asked about, or nothing where it would not say exactly this."""
    days = (story.today - story.zone.date_of(moment)).days
    if days > 0 and days_before(story.at, days, story.zone) == moment:
        return f'"-P{days}D"'
    delta = story.at - moment
    if timedelta(0) <= delta < _NEAR and not delta.microseconds:
        minutes, seconds = divmod(int(delta.total_seconds()), 60)
        parts = (*divmod(minutes, 60), seconds)
        return f'"-PT{"".join(f"{n}{unit}" for n, unit in zip(parts, "HMS", strict=True) if n) or "0S"}"'
    return ""


def _day(day: date, story: Story, *, is_near: bool) -> str:
    days = (day - story.today).days
    return f'"{"-" if days <= 0 else "+"}P{abs(days)}D"' if is_near and abs(days) < _YEAR else day.isoformat()
