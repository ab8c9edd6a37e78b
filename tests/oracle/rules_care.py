"""The naive gate on contraception, conversations, material and surveys.

Written from `policies/README.md` alone.
"""

from __future__ import annotations

from datetime import date, timedelta

from tests.oracle.spans import days_in
from tests.oracle.world import Plain, Says, World, met, newest


def contraception(rule: Plain, world: World) -> Says:
    """Enough methods, or abstinence, each for long enough."""
    lead_in = timedelta(days=days_in(rule["lead_in"]))
    shortest = min(lead_in, timedelta(days=days_in(rule["urgent_lead_in" if "urgent_lead_in" in rule else "lead_in"])))
    afresh = world.start(world.today + shortest) if shortest else world.now
    statement = newest(world.of("contraception"))
    if statement is None:
        return "CONTRACEPTION_MISSING", afresh
    high = {m["method"] for m in statement["methods"] if m["method"] in rule["highly_effective"]}
    accepted = high | {m["method"] for m in statement["methods"] if m["method"] in rule["additional"]}
    abstinent = statement.get("abstinent_since") if rule["abstinence_counts"] else None
    if abstinent is None and len(accepted) < rule["methods"]:
        return "CONTRACEPTION_TOO_FEW", afresh
    if abstinent is None and len(high) < rule["of_them_highly_effective"]:
        return "CONTRACEPTION_NOT_HIGHLY_EFFECTIVE", afresh
    good_days = [abstinent + lead_in] if abstinent is not None else []
    good_days += days_good(rule, statement, lead_in)
    if world.today >= min(good_days):
        return met()
    return "CONTRACEPTION_LEAD_IN", world.start(min(good_days))


def days_good(rule: Plain, statement: Plain, lead_in: timedelta) -> list[date]:
    """The days on which a method makes enough of them, each in use for long enough."""
    found = []
    for day in sorted({m["since"] + lead_in for m in statement["methods"]}):
        usable = {m["method"] for m in statement["methods"] if m["since"] + lead_in <= day}
        high, more = usable & set(rule["highly_effective"]), usable & set(rule["additional"])
        if len(high | more) >= rule["methods"] and len(high) >= rule["of_them_highly_effective"]:
            found.append(day)
    return found


def contraception_or_urgent_start(rule: Plain, world: World) -> Says:
    """As contraception; while its wait runs, a short one with another method and two serum tests will do."""
    ordinary = contraception(rule, world)
    statement = newest(world.of("contraception"))
    if ordinary[0] != "CONTRACEPTION_LEAD_IN" or statement is None:
        return ordinary
    wait = timedelta(days=days_in(rule["urgent_lead_in"]))
    enough = days_good(rule, statement, wait)
    also = [m["since"] + wait for m in statement["methods"] if m["method"] in rule["urgent_also"]]
    serum = sorted(world.day(t["at"]) for t in world.negatives if t["test_kind"] == "serum")
    if not enough or not also or not serum:
        return ordinary
    over = max(min(enough), min(also))
    is_met = world.today >= over and serum[-1] - serum[0] >= wait and serum[-1] >= over
    return met() if is_met else ordinary


def counselling(rule: Plain, world: World) -> Says:
    """All topics were covered, for this prescription or in this course."""
    code = "COUNSELLING_MISSING" if rule["by"] == "prescriber" else "PHARMACY_COUNSELLING_MISSING"
    talks = [f for f in world.of("counselling") if f["by"] == rule["by"]]
    if rule["each_prescription"]:
        talks = [f for f in talks if f.get("prescription", "") == world.request["prescription"]]
    else:
        talks = [
            f
            for f in world.in_course("counselling")
            if f["by"] == rule["by"] and world.prescription is not None and f["at"] <= world.prescription["at"]
        ]
    covered = {topic for f in talks for topic in f["topics"]}
    return met() if set(rule["topics"]) <= covered else (code, world.now)


def material(rule: Plain, world: World) -> Says:
    """The item was recorded for this prescription."""
    given = [f for f in world.for_prescription("material") if f["item"] == rule["item"]]
    return met() if given else ("MATERIAL_MISSING", world.now)


def prescriber_survey(_: Plain, world: World) -> Says:
    """The prescriber's survey for this prescription."""
    done = [
        f
        for f in world.of("survey")
        if f["whose"] == "prescriber" and f.get("prescription", "") == world.request["prescription"]
    ]
    return met() if done else ("PRESCRIBER_SURVEY_MISSING", world.now)


def patient_survey(rule: Plain, world: World) -> Says:
    """The patient's newest survey is young enough."""
    survey = newest([f for f in world.of("survey") if f["whose"] == "patient"])
    if survey is None:
        return "PATIENT_SURVEY_MISSING", world.now
    ends = world.span_end(rule["every"], survey["at"])
    return ("PATIENT_SURVEY_OVERDUE", world.now) if world.now >= ends else met(ends)
