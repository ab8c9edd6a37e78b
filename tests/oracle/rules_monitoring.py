"""The naive gate on laboratory results, reactions, concerns and regimens.

Written from `policies/README.md` alone.
"""

from __future__ import annotations

from datetime import timedelta

from tests.oracle.spans import days_in
from tests.oracle.world import Plain, Says, World, met, newest


def newest_result(rule: Plain, world: World) -> Plain | None:
    """The newest result of the rule's panel."""
    return newest([f for f in world.of("lab_result") if f["panel"] == rule["panel"]])


def lab_known(rule: Plain, world: World) -> Says:
    """The newest result was young enough on the day of the prescription."""
    if world.prescription is None:
        return "PRESCRIPTION_MISSING", world.now
    result = newest_result(rule, world)
    if result is None:
        return "LAB_MISSING", world.now
    age = (world.day(world.prescription["at"]) - world.day(result["at"])).days
    return met() if age <= days_in(rule["within"]) else ("LAB_TOO_OLD", world.now)


def lab_schedule(rule: Plain, world: World) -> Says:
    """Often at first, then less often."""
    result = newest_result(rule, world)
    if result is None:
        return "LAB_MISSING", world.now
    first = min((world.day(d["at"]) for d in world.course), default=world.today)
    taken = world.day(result["at"])
    often = taken + timedelta(days=days_in(rule["often_every"]))
    is_early = often <= first + timedelta(days=days_in(rule["often_for"]))
    due = often if is_early else taken + timedelta(days=days_in(rule["then_every"]))
    return ("LAB_OVERDUE", world.now) if world.today > due else met(world.end(due))


def lab_at_least(rule: Plain, world: World) -> Says:
    """The newest result is a number that is high enough."""
    result = newest_result(rule, world)
    if result is None or result.get("value") is None:
        return "LAB_MISSING", world.now
    return met() if result["value"] >= rule["at_least"] else ("LAB_BELOW", world.now)


def no_rechallenge(rule: Plain, world: World) -> Says:
    """No reaction that forbids the medicine for ever, and the history was asked for."""
    for fact in world.of("adverse_reaction"):
        grade = fact.get("grade")
        is_bad = grade is None or grade >= rule["from_grade"]
        if fact["product"] in rule["to_products"] and (
            fact["reaction"] in rule["reactions"] or (fact["reaction"] in rule["graded"] and is_bad)
        ):
            return "NEVER_AGAIN", None
    asked = [f for f in world.of("assessment") if f["concern"] == "reaction_history"]
    return met() if asked else ("REACTION_HISTORY_MISSING", world.now)


def considered(rule: Plain, world: World) -> Says:
    """The prescriber considered the concern in this course."""
    done = [f for f in world.in_course("assessment") if f["concern"] == rule["concern"]]
    return met() if done else ("ASSESSMENT_MISSING", world.now)


def regimen(rule: Plain, world: World) -> Says:
    """The days on and the days of a cycle are the usual ones."""
    prescription = world.prescription
    if prescription is None:
        return "PRESCRIPTION_MISSING", world.now
    usual = (prescription["days_on"], prescription["cycle_days"]) == (rule["days_on"], rule["cycle_days"])
    return met() if usual else ("REGIMEN_UNUSUAL", world.now)
