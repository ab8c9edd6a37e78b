"""A second gate, as plain as can be, so that the real one has an independent judge.

Written from the words of `policies/README.md` and the numbers of the policy file, never from the gate's code: plain
dicts as they stand on the wire (times already read), lists, one function a requirement kind, no shortcuts.
`answer` says for any step: allowed or not, the ordered reason codes, each finding with its end or opening, and the
decision's end and earliest moment.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from tests.oracle.world import (
    SMALLEST,
    Plain,
    World,
    add_months,
    days_in,
    hours_in,
    months_in,
    newest,
)


class Found(NamedTuple):
    """One requirement's finding; "MET" is a code like any other."""

    requirement: str
    code: str
    until: datetime | None
    opens_at: datetime | None


class Answer(NamedTuple):
    """The whole answer, in the shape in which the two gates are compared."""

    is_allowed: bool
    codes: tuple[str, ...]
    findings: tuple[Found, ...]
    valid_until: datetime | None
    earliest_at: datetime | None


Says = tuple[str, datetime | None]
Rule = Callable[[Plain, World], Says]


def met(until: datetime | None = None) -> Says:
    """Met, with the exclusive end if there is one."""
    return "MET", until


def answer(policy: Plain, facts: list[Plain], request: Plain, now: datetime) -> Answer:
    """Ask every requirement that applies, in the file's order."""
    world = World(policy, facts, request, now)
    findings = policy_itself(policy, world)
    for requirement in policy.get("requirement", []):
        if applies(requirement.get("when", {}), world):
            code, moment = KINDS[requirement["kind"]](requirement, world)
            is_met = code == "MET"
            findings.append(Found(requirement["id"], code, moment if is_met else None, None if is_met else moment))
    return conclude(findings)


def conclude(findings: list[Found]) -> Answer:
    """Put the findings together: all must be met; a yes ends with its first end, a no opens with its last."""
    unmet = [f for f in findings if f.code != "MET"]
    allowed = bool(findings) and not unmet
    ends = [f.until for f in findings if f.until is not None]
    opens = [f.opens_at for f in unmet if f.opens_at is not None]
    return Answer(
        allowed,
        tuple(f.code for f in unmet),
        tuple(findings),
        min(ends) if allowed and ends else None,
        max(opens) if unmet and len(opens) == len(unmet) else None,
    )


def policy_itself(policy: Plain, world: World) -> list[Found]:
    """One finding about the policy, where the policy itself stands in the way or comes to an end."""
    starts = world.start(policy["in_force_from"])
    until = policy.get("in_force_until")
    ends = None if until is None else world.end(until)
    if not policy.get("requirement"):
        return [Found("policy", "POLICY_EMPTY", None, None)]
    if policy["status"] != "active":
        return [Found("policy", "POLICY_NOT_ACTIVE", None, None)]
    if world.now < starts:
        return [Found("policy", "POLICY_NOT_IN_FORCE", None, starts)]
    if ends is not None and world.now >= ends:
        return [Found("policy", "POLICY_NOT_IN_FORCE", None, None)]
    return [Found("policy", "MET", ends, None)]


def applies(when: Plain, world: World) -> bool:
    """Whether the requirement is asked at this step, of this category, for this supply."""
    category = world.category or world.policy["strictest_category"]
    return (
        world.request["step"] in when.get("steps", [world.request["step"]])
        and category in when.get("categories", [category])
        and (not world.course) == when.get("first", not world.course)
    )


def prescription_form(_: Plain, world: World) -> Says:
    """A known prescription for a product of ours by an accepted channel."""
    prescription = world.prescription
    rule = world.policy["prescription"]
    if prescription is None:
        return "PRESCRIPTION_MISSING", world.now
    if prescription["product"] not in world.policy["products"]:
        return "PRODUCT_NOT_COVERED", world.now
    channel = prescription["channel"]
    if channel not in rule["channels"]:
        flexibility = rule["channels_by_flexibility"].get(channel)
        if flexibility is None or not world.flexible(flexibility, prescription["at"]):
            return "CHANNEL_NOT_ACCEPTED", world.now
    return met()


def category_on_prescription(_: Plain, world: World) -> Says:
    """The prescription's category is the enrolled one."""
    if world.prescription is None:
        return "PRESCRIPTION_MISSING", world.now
    return met() if world.prescription["category"] == world.category else ("CATEGORY_MISMATCH", world.now)


def enrolled(rule: Plain, world: World) -> Says:
    """The agreement: signed, for the age, not lapsed, before the prescription."""
    agreement = world.enrolment
    if agreement is None:
        return "ENROLMENT_MISSING", world.now
    is_child = agreement["category"].startswith("child_")
    signed = agreement["guardian_signed"] if is_child else agreement["patient_signed"]
    if not (signed and agreement["prescriber_signed"]):
        return "AGREEMENT_UNSIGNED", world.now
    birthday = add_months(agreement["birth_date"], 12 * rule["adult_age"], waiting=True)
    if is_child == (world.today >= birthday):
        return "AGE_GROUP_MISMATCH", world.now
    ends = [world.start(birthday)] if is_child else []
    _, _, off = world.supply
    if off is not None and agreement["at"] < world.start(off):
        lapses = world.start(add_months(off, months_in(rule["lapses_after_months"]), waiting=False))
        if world.now >= lapses:
            return "ENROLMENT_LAPSED", world.now
        ends.append(lapses)
    if world.prescription is None or agreement["at"] > world.prescription["at"]:
        return "ENROLMENT_AFTER_PRESCRIPTION", world.now
    return met(min(ends) if ends else None)


CONTRADICTING = ["missed_menses", "first_menses", "menses_resumed", "abnormal_bleeding"]


def risk_evidence(rule: Plain, world: World) -> Says:
    """The newest evidence is of an accepted kind and nothing since speaks against it."""
    evidence = newest(world.of("risk_evidence"))
    if evidence is None or evidence["basis"] not in rule["accepted"]:
        return "EVIDENCE_MISSING", world.now
    basis = evidence["basis"]
    against = [f for f in world.of("report") if f["what"] in CONTRADICTING and f["at"] >= evidence["at"]]
    if basis in ("natural_menopause", "no_menarche") and against:
        return "CATEGORY_CONTRADICTED", world.now
    if basis == "natural_menopause":
        last = evidence.get("last_menses_on")
        if last is None:
            return "EVIDENCE_MISSING", world.now
        enough = add_months(last, months_in(rule["menopause_months"]), waiting=True)
        if world.today < enough:
            return "MENOPAUSE_TOO_RECENT", world.start(enough)
    return met()


def certified(rule: Plain, world: World) -> Says:
    """The newest certification of who acts: there, not revoked, not expired."""
    role = rule["who"]
    if role == "prescriber":
        subject = world.prescription["prescriber"] if world.prescription else ""
    else:
        subject = world.request.get(role, "")
    mine = [f for f in world.facts if f.get("role") == role and f.get("subject") == subject != ""]
    certification = newest([f for f in mine if f["fact"] == "certification"])
    if certification is None:
        return "CERTIFICATION_MISSING", world.now
    if [f for f in mine if f["fact"] == "revocation" and f["at"] >= certification["at"]]:
        return "CERTIFICATION_REVOKED", world.now
    if world.today > certification["expires_on"]:
        return "CERTIFICATION_EXPIRED", world.now
    return met(world.end(certification["expires_on"]))


def not_held(rule: Plain, world: World) -> Says:
    """Every cause was lifted by enough different people."""
    tests = [f for f in world.of("pregnancy_test") if f["result"] == "positive"]
    reports = [f for f in world.of("report") if f["what"] == "pregnancy"]
    explained = [f["id"] for f in tests + reports]
    holds = [f for f in world.of("hold") if f.get("cause", "") not in explained]
    for causes, code in ((tests, "HELD_POSITIVE_TEST"), (reports, "HELD_PREGNANCY_REPORT"), (holds, "HELD")):
        if [c for c in causes if not lifted(c, rule["reviewers"], world)]:
            return code, world.now
    return met()


def lifted(cause: Plain, reviewers: int, world: World) -> bool:
    """Whether enough people reviewed the cause and each one's last word is to lift."""
    reviews = [f for f in world.of("hold_review") if f["of"] == cause["id"] and f["at"] >= cause["at"]]
    people = {f["actor"] for f in reviews}
    last_words = [newest([f for f in reviews if f["actor"] == person]) for person in people]
    return len(people) >= reviewers and all(word and word["outcome"] == "lift" for word in last_words)


def test_days_before(rule: Plain, world: World) -> Says:
    """A negative so many days before the day of the prescription."""
    youngest, oldest = days_in(rule["youngest"]), days_in(rule["oldest"])
    if world.prescription is not None:
        issued = world.prescription["at"]
        for test in world.negatives:
            gap = (world.day(issued) - world.day(test["at"])).days
            if youngest <= gap <= oldest and test["resulted_at"] <= issued:
                return met()
    usable = [world.day(t["at"]) for t in world.negatives if (world.today - world.day(t["at"])).days <= oldest]
    first = min(usable) if usable else world.today
    return "TEST_NOT_IN_WINDOW", max(world.now, world.start(first + timedelta(days=youngest)))


def test_hours_before(rule: Plain, world: World) -> Says:
    """A negative within so many hours before the prescription."""
    within = hours_in(rule["within"]["span"])
    if world.prescription is not None:
        issued = world.prescription["at"]
        for test in world.negatives:
            gap = issued - test["at"]
            last = gap <= within if rule["within"]["last_moment"] == "included" else gap < within
            if timedelta(0) <= gap and last and test["resulted_at"] <= issued:
                return met()
    return "TEST_NOT_IN_WINDOW", world.now


def latest_test_negative(_: Plain, world: World) -> Says:
    """The newest accepted negative has no other result at or after it."""
    last = newest(world.negatives)
    if last is None:
        return "TEST_MISSING", world.now
    other = [f for f in world.of("pregnancy_test") if f["result"] != "negative" and f["at"] >= last["at"]]
    return ("LATEST_TEST_NOT_NEGATIVE", world.now) if other else met()


def test_schedule(rule: Plain, world: World) -> Says:
    """Walk from one test to the next due day."""
    cycle = newest(world.of("cycle"))
    is_regular = cycle is not None and cycle["regularity"] in ("regular", "none")
    later = days_in(rule["then_every" if is_regular else "then_every_if_irregular"])
    first = min(world.day(d["at"]) for d in world.course)
    last = max(world.day(d["at"]) for d in world.course)

    def due_after(day: date) -> date:
        weekly = day + timedelta(days=days_in(rule["weekly_every"]))
        in_weekly_time = weekly <= first + timedelta(days=days_in(rule["weekly_for"]))
        return weekly if in_weekly_time else day + timedelta(days=later)

    days = sorted({world.day(t["at"]) for t in world.negatives})
    before = [d for d in days if d <= last]
    at = first if first == last or not before else before[-1]
    late_tests = []
    for day in [d for d in days if d > at]:
        if day > due_after(at):
            late_tests.append(day)
        at = day
    if world.today > due_after(at):
        return "TEST_OVERDUE", world.now
    talks = [f for f in world.of("counselling") if f["by"] == "prescriber" and "missed_test" in f["topics"]]
    if late_tests and not [f for f in talks if world.day(f["at"]) >= max(late_tests)]:
        return "TEST_MISSED", world.now
    return met(world.end(due_after(at)))


def menses_evaluated(_: Plain, world: World) -> Says:
    """A missed period or bleeding was followed by a negative and a conversation."""
    report = newest([f for f in world.of("report") if f["what"] in ("missed_menses", "abnormal_bleeding")])
    if report is None:
        return met()
    by_day = report.get("precision", "instant") == "day"
    since = world.end(world.day(report["at"])) if by_day else report["at"]
    tests = [t for t in world.negatives if t["at"] >= since]
    talks = [
        f
        for f in world.of("counselling")
        if f["by"] == "prescriber" and "menses_evaluation" in f["topics"] and f["at"] >= since
    ]
    return met() if tests and talks else ("EVALUATION_PENDING", max(world.now, since))


def contraception(rule: Plain, world: World) -> Says:
    """Enough methods, or abstinence, each for long enough."""
    lead_in = timedelta(days=days_in(rule["lead_in"]))
    afresh = world.start(world.today + lead_in) if lead_in else world.now
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
    for day in sorted({m["since"] + lead_in for m in statement["methods"]}):
        usable = {m["method"] for m in statement["methods"] if m["since"] + lead_in <= day} & accepted
        if len(usable) >= rule["methods"] and len(usable & high) >= rule["of_them_highly_effective"]:
            good_days.append(day)
    if world.today >= min(good_days):
        return met()
    return "CONTRACEPTION_LEAD_IN", world.start(min(good_days))


def counselling(rule: Plain, world: World) -> Says:
    """All topics were covered, for this prescription or in this course."""
    code = "COUNSELLING_MISSING" if rule["by"] == "prescriber" else "PHARMACY_COUNSELLING_MISSING"
    talks = [f for f in world.of("counselling") if f["by"] == rule["by"]]
    if rule["each_prescription"]:
        talks = [f for f in talks if f.get("prescription", "") == world.request["prescription"]]
    else:
        talks = [
            f
            for f in talks
            if (world.stop is None or f["at"] > world.stop["at"])
            and world.prescription is not None
            and f["at"] <= world.prescription["at"]
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
    last_day = add_months(world.day(survey["at"]), months_in(rule["every"]["span"]), waiting=False)
    included = rule["every"]["last_day"] == "included"
    ends = world.end(last_day) if included else world.start(last_day)
    return ("PATIENT_SURVEY_OVERDUE", world.now) if world.now >= ends else met(ends)


def days_supply(rule: Plain, world: World) -> Says:
    """Count the days of treatment one by one."""
    prescription = world.prescription
    if prescription is None:
        return "DAYS_SUPPLY_UNKNOWN", world.now
    units, days_on = prescription["units_per_day"], prescription["days_on"]
    if min(prescription["quantity"], units, days_on) < 1 or prescription["cycle_days"] < days_on:
        return "DAYS_SUPPLY_UNKNOWN", world.now
    capsules, taken, days = prescription["quantity"], 0, 0
    while capsules > 0:
        capsules, taken, days = capsules - units, taken + 1, days + 1
        if taken == days_on:
            taken, days = 0, days + prescription["cycle_days"] - days_on
    return met() if days <= rule["at_most"] else ("DAYS_SUPPLY_EXCEEDED", world.now)


def refills(rule: Plain, world: World) -> Says:
    """No more refills than allowed."""
    if world.prescription is None:
        return "PRESCRIPTION_MISSING", world.now
    return met() if world.prescription["refills"] <= rule["at_most"] else ("REFILLS_NOT_ALLOWED", world.now)


def not_yet_dispensed(_: Plain, world: World) -> Says:
    """No live dispense of this prescription."""
    done = [d for d in world.dispenses if d["prescription"] == world.request["prescription"]]
    return ("ALREADY_DISPENSED", world.now) if done else met()


def supply_left(rule: Plain, world: World) -> Says:
    """Few enough days in hand."""
    left, _, _ = world.supply
    if not world.dispenses or left <= rule["at_most"]:
        return met()
    return "SUPPLY_LEFT", world.start(world.today + timedelta(days=left - rule["at_most"]))


def authorization_end(rule: Plain, issued: datetime, world: World) -> datetime | None:
    """When an authorization of that issue is over; none if it never lived."""
    counted_from = issued
    if rule["counted_from"] == "pregnancy_test":
        known = [t for t in world.negatives if t["at"] <= issued and t["recorded_at"] <= issued]
        test = newest(known)
        if test is None:
            return None
        counted_from = test["at"]
    lasts = rule["lasts"]
    days = days_in(lasts["span"]) - (1 if lasts["start_day"] == "day 1" else 0)
    last_day = world.day(counted_from) + timedelta(days=days)
    return world.end(last_day) if lasts["last_day"] == "included" else world.start(last_day)


def authorization_life(rule: Plain, world: World) -> Says:
    """Leave to prescribe: not given twice, and alive when it is used."""
    all_of_them = world.for_prescription("authorization")
    if world.request["step"] == "authorize":
        ends = [authorization_end(rule, a["at"], world) for a in all_of_them if not world.voided(a)]
        alive = [end for end in ends if end is not None and world.now < end]
        would_end = authorization_end(rule, world.now, world)
        if alive:
            waiting_helps = rule["counted_from"] == "issue" or (would_end or world.now) > max(alive)
            return "ALREADY_AUTHORIZED", max(alive) if waiting_helps else world.now
        if would_end is None or world.now >= would_end:
            return "AUTHORIZATION_WOULD_BE_OVER", world.now
        return met(would_end if rule["counted_from"] == "pregnancy_test" else None)
    authorization = world.unvoided("authorization")
    if authorization is None:
        return ("AUTHORIZATION_VOIDED" if all_of_them else "AUTHORIZATION_MISSING"), world.now
    if authorization["category"] != world.category:
        return "AUTHORIZATION_CATEGORY_MISMATCH", world.now
    end = authorization_end(rule, authorization["at"], world)
    return ("AUTHORIZATION_EXPIRED", world.now) if end is None or world.now >= end else met(end)


def confirmation_end(rule: Plain, confirmation: Plain) -> datetime:
    """The exclusive end of a confirmation."""
    end: datetime = confirmation["at"] + hours_in(rule["lasts"]["span"])
    return end + SMALLEST if rule["lasts"]["last_moment"] == "included" else end


def confirmation_life(rule: Plain, world: World) -> Says:
    """Leave to dispense: not given twice, and alive, here and under the present authorization when it is used."""
    authorization = world.unvoided("authorization")
    present = authorization["id"] if authorization else None
    if world.request["step"] == "confirm":
        ends = [
            confirmation_end(rule, c)
            for c in world.of("confirmation")
            if c["authorization"] == present and not world.voided(c)
        ]
        alive = [end for end in ends if world.now < end]
        return ("ALREADY_CONFIRMED", max(alive)) if alive else met()
    confirmation = world.unvoided("confirmation")
    if confirmation is None:
        any_of_them = world.for_prescription("confirmation")
        return ("CONFIRMATION_VOIDED" if any_of_them else "CONFIRMATION_MISSING"), world.now
    if confirmation["authorization"] != present:
        return "CONFIRMATION_VOIDED", world.now
    if confirmation["pharmacy"] != world.request.get("pharmacy", ""):
        return "CONFIRMATION_ELSEWHERE", world.now
    end = confirmation_end(rule, confirmation)
    return ("CONFIRMATION_EXPIRED", world.now) if world.now >= end else met(end)


def same_day_shipping(_: Plain, world: World) -> Says:
    """In person, or shipped on the day of the confirmation."""
    handover = world.request.get("handover")
    if handover is None:
        return "HANDOVER_UNKNOWN", world.now
    if handover == "in_person":
        return met()
    confirmation = world.unvoided("confirmation")
    if confirmation is None:
        return "CONFIRMATION_MISSING", world.now
    same_day = world.day(confirmation["at"]) == world.today
    return met(world.end(world.today)) if same_day else ("NOT_SHIPPED_THE_SAME_DAY", world.now)


KINDS: dict[str, Rule] = {
    "prescription_form": prescription_form,
    "category_on_prescription": category_on_prescription,
    "enrolled": enrolled,
    "risk_evidence": risk_evidence,
    "certified": certified,
    "not_held": not_held,
    "test_days_before": test_days_before,
    "test_hours_before": test_hours_before,
    "latest_test_negative": latest_test_negative,
    "test_schedule": test_schedule,
    "menses_evaluated": menses_evaluated,
    "contraception": contraception,
    "counselling": counselling,
    "material": material,
    "prescriber_survey": prescriber_survey,
    "patient_survey": patient_survey,
    "days_supply": days_supply,
    "refills": refills,
    "not_yet_dispensed": not_yet_dispensed,
    "supply_left": supply_left,
    "authorization_life": authorization_life,
    "confirmation_life": confirmation_life,
    "same_day_shipping": same_day_shipping,
}
"""One rule for each kind that the policy file can name."""
