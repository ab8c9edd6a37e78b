"""The gate's laws as functions: what a case shows against one, or None where the law says nothing about it.

Each takes the gate as an argument, so that a faulty gate can be put before it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from compliance.domain import facts as f
from compliance.domain.decision import Decision, Finding, Opens, Request
from compliance.domain.policy import Policy, Status
from compliance.domain.record import Record
from compliance.domain.requirements import Question, Requirement
from compliance.domain.requirements.base import When
from compliance.domain.requirements.numbers import AuthorizationLife
from compliance.domain.span import TICK, Instant
from tests import builders as b
from tests.domain.worlds import Case, other_facts, shifted, without_one

Gate = Callable[[Policy, Record, Request, Instant], Decision]
Law = Callable[[Gate, Case], list[str] | None]
LONG = timedelta(days=4000)


def ask(
    gate: Gate,
    case: Case,
    *,
    policy: Policy | None = None,
    facts: Iterable[f.Fact] | None = None,
    at: Instant | None = None,
) -> Decision:
    """Ask the gate about a case, some of it changed."""
    record = Record(case.facts if facts is None else facts)
    return gate(policy or case.policy, record, case.request, at or case.at)


def _against(*wrong: tuple[bool, str]) -> list[str]:
    return [what for is_wrong, what in wrong if is_wrong]


def nothing_known_blocks(gate: Gate, case: Case) -> list[str] | None:
    """Neither with no facts at all, nor when only the people and sites are known."""
    people = [fact for fact in case.facts if isinstance(fact, f.Certification)]
    return _against(
        (ask(gate, case, facts=()).is_allowed, "allowed on no facts"),
        (ask(gate, case, facts=people).is_allowed, "allowed on certifications alone"),
    )


def an_empty_policy_blocks(gate: Gate, case: Case) -> list[str] | None:
    """Nor one that asks nothing at this step, whatever else it says."""
    elsewhere = tuple(r for r in case.policy.requirements if r.when.steps and case.request.step not in r.when.steps)
    found = [ask(gate, case, policy=replace(case.policy, requirements=rules)) for rules in ((), elsewhere)]
    return _against(*((one.codes != ("POLICY_EMPTY",) or one.is_allowed, f"codes {one.codes}") for one in found))


def allowed_only_when_every_finding_is_met(gate: Gate, case: Case) -> list[str] | None:
    """One finding about the policy, one for each requirement asked, in its order; a yes is all of them met."""
    found = ask(gate, case)
    course = Record(case.facts).as_of(case.at).course
    asked = case.policy.selected(case.request.step, found.category, not course)
    all_met = bool(found.findings) and all(one.is_met for one in found.findings)
    unmet = tuple(one for one in found.findings if not one.is_met)
    return _against(
        (found.is_allowed is not all_met, f"allowed is {found.is_allowed}, all met is {all_met}"),
        ([one.requirement for one in found.findings] != ["policy", *(r.id for r in asked)], "findings are missing"),
        (any((one.code == "MET") is not one.is_met for one in found.findings), "a code contradicts its finding"),
        (found.unmet != unmet or found.codes != tuple(one.code for one in unmet), "unmet findings are missing"),
        (not all_met and found.valid_until is not None, "a no has a time of validity"),
        (all_met and found.earliest_at is not None, "a yes has still to open"),
    )


def the_order_of_facts_does_not_matter(gate: Gate, case: Case) -> list[str] | None:
    """Whole decisions are the same, evidence and all."""
    first, mixed = ask(gate, case), list(case.facts)
    orders = [tuple(reversed(mixed))]
    for _ in range(3):
        case.random.shuffle(mixed)
        orders.append(tuple(mixed))
    return _against(*((ask(gate, case, facts=order) != first, "another order, another answer") for order in orders))


def one_more_requirement_never_opens(gate: Gate, case: Case) -> list[str] | None:
    """Anywhere in the list, of any kind; the other findings stay as they were.

    The one exception is the policy that asks nothing here: it blocks because it is empty, and with a requirement it no
    longer is.
    """
    before, rules = ask(gate, case), list(case.policy.requirements)
    if before.codes[:1] == ("POLICY_EMPTY",):
        return None
    always = When(steps=frozenset(), categories=frozenset(), first=None)
    more = replace(case.random.choice(rules), id="one-more", when=always)
    rules.insert(case.random.randrange(len(rules) + 1), more)
    after = ask(gate, case, policy=replace(case.policy, requirements=tuple(rules)))
    others = tuple(one for one in after.findings if one.requirement != "one-more")
    ends = [one.valid_until for one in (before, after)]
    lives = [one.authorization_ends_at for one in (before, after)]
    return _against(
        (after.is_allowed and not before.is_allowed, f"{more.kind} opened the gate"),
        (others != before.findings, f"{more.kind} changed another finding"),
        (after.is_allowed and _is_later(ends[1], ends[0]), f"{more.kind} prolonged the yes"),
        (lives[1] is not None and _is_later(lives[1], lives[0]), f"{more.kind} prolonged the authorization"),
    )


def _is_later(one: Instant | None, other: Instant | None) -> bool:
    return other is not None and (one is None or one > other)


def what_is_to_come_does_not_count(gate: Gate, case: Case) -> list[str] | None:
    """Neither what happens later nor what is learned later, be it good or bad."""
    now, tick = ask(gate, case, facts=case.seen), Instant(case.at + TICK)
    later = [fact for fact in (*case.facts, *other_facts()) if fact.recorded_at > case.at]
    sample = case.random.sample([*case.facts, *other_facts()], 6)
    later += [replace(one, id=f"late-{place}", recorded_at=tick) for place, one in enumerate(sample)]
    later += [replace(one, id=f"next-{place}", at=tick, recorded_at=case.at) for place, one in enumerate(sample)]
    later += [shifted(one, tick - one.at) for one in sample if one.at <= case.at]
    later += [b.retraction(one.id, at=tick) for one in case.random.sample(case.facts, min(3, len(case.facts)))]
    return _against(
        (ask(gate, case) != now, "the record's own future counts"),
        (ask(gate, case, facts=(*case.seen, *later)) != now, "a fact learned a tick later counts"),
    )


def a_yes_lasts_exactly_as_long_as_it_says(gate: Gate, case: Case) -> list[str] | None:
    """Allowed at every moment before its end, one tick before it too, and not at it, if nothing else happens."""
    case = case.settled()
    yes = ask(gate, case)
    if not yes.is_allowed:
        return None
    end = yes.valid_until
    last = Instant(case.at + LONG) if end is None else Instant(end - TICK)
    span = max(last - case.at, timedelta(0))
    moments = [Instant(case.at + span * case.random.random()) for _ in range(6)]
    moments += [Instant(min(last, case.at + leap)) for leap in (TICK, timedelta(hours=12), timedelta(days=6))]
    held = [ask(gate, case, at=moment) for moment in [*moments, last]]
    return _against(
        (end is not None and end <= case.at, "a yes is over at birth"),
        *((not one.is_allowed, f"no at {one.at}, valid until {end}") for one in held),
        *((one.valid_until != end, f"the end moved at {one.at}") for one in held if one.is_allowed),
        (end is not None and ask(gate, case, at=end).is_allowed, f"still yes at {end}"),
    )


def a_positive_test_blocks(gate: Gate, case: Case) -> list[str] | None:
    """Whatever came later: negatives, a correction, a retraction, one reviewer, reviews of something else."""
    random = case.random
    hours = random.choice([0, 1, random.randrange(24 * 400)])
    positive = b.positive_test(at=Instant(case.at - timedelta(hours=hours)), id="grave")
    if random.random() < 0.3:
        positive = replace(positive, place=f.TestPlace.HOME, reporter=f.Reporter.PATIENT, sensitivity_miu_ml=None)
    known = Instant(positive.recorded_at + (case.at - positive.recorded_at) * random.random())
    corrected = replace(positive, id="corrected", result=f.TestResult.NEGATIVE, corrects="grave", recorded_at=known)
    later = [
        b.negative_test(at=known, id="after"),
        corrected,
        b.retraction("grave", at=known),
        b.hold(at=known, id="held", cause="grave"),
        b.review("grave", "ann", at=known),
        b.review("held", "ann", at=known, id="r1"),
        b.review("held", "ben", at=known, id="r2"),
    ]
    found = ask(gate, case, facts=[*case.facts, positive, *random.sample(later, random.randrange(len(later) + 1))])
    return _against(
        (found.is_allowed, "allowed after a positive test"),
        ("HELD_POSITIVE_TEST" not in found.codes and "POLICY_EMPTY" not in found.codes, f"codes {found.codes}"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaks(Requirement):
    """A requirement that cannot be checked."""

    kind: ClassVar[str] = "breaks"
    error: Exception

    def check(self, q: Question) -> Finding:
        """Fail as told."""
        raise self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class BreaksInItsLife(AuthorizationLife):
    """A life that can be checked but not told."""

    def ends_at(self, q: Question, issued_at: Instant) -> Instant | None:
        """Fail."""
        raise OverflowError


ERRORS = (ValueError("x"), KeyError("x"), RecursionError(), MemoryError(), StopIteration(), AssertionError(),
          AttributeError("x"), OverflowError(), ZeroDivisionError(), OSError())  # fmt: skip


def a_requirement_that_breaks_blocks(gate: Gate, case: Case) -> list[str] | None:
    """And hides none of the others."""
    if case.policy.status is not Status.ACTIVE:
        return None
    before, rules = ask(gate, case), list(case.policy.requirements)
    always = When(steps=frozenset(), categories=frozenset(), first=None)
    error = case.random.choice(ERRORS)
    broken = Breaks(id="broken", text="x", source="x", confidence="house", when=always, error=error)
    rules.insert(case.random.randrange(len(rules) + 1), broken)
    after = ask(gate, case, policy=replace(case.policy, requirements=tuple(rules)))
    others = tuple(one for one in after.findings if one.requirement != "broken")
    [found] = [one for one in after.findings if one.requirement == "broken"]
    return _against(
        (after.is_allowed, "allowed beside a broken requirement"),
        (found != Finding("broken", False, "REQUIREMENT_BROKE"), f"found {found}"),
        (others != before.findings, "another finding is hidden or changed"),
        (after.earliest_at is not None, "an opening is promised"),
    )


def the_same_arguments_give_the_same_answer(gate: Gate, case: Case) -> list[str] | None:
    """Asked twice, of a record that was asked at other times in between, or of a fresh one."""
    record, other, fresh = Record(case.facts), Record(case.facts), replace(case.policy)
    first = gate(case.policy, record, case.request, case.at)
    for leap in (timedelta(days=-30), timedelta(days=30), TICK, -TICK, LONG):
        gate(case.policy, record, case.request, Instant(case.at + leap))
        gate(case.policy, other, case.request, Instant(case.at + leap))
    gate(fresh, record, replace(case.request, step=f.Step.CONFIRM), case.at)
    return _against(
        (gate(case.policy, record, case.request, case.at) != first, "asked twice"),
        (ask(gate, case) != first, "asked of a fresh record"),
        (gate(case.policy, other, case.request, case.at) != first, "asked of a record that knew another moment"),
        (gate(fresh, record, case.request, case.at) != first, "asked of a fresh policy"),
    )


def outside_its_time_in_force_a_policy_blocks(gate: Gate, case: Case) -> list[str] | None:
    """A tick before its first instant and at its end; drafts and retired versions always."""
    first = case.policy.zone.date_of(case.at) - timedelta(days=case.random.randrange(3))
    for_days = replace(case.policy, status=Status.ACTIVE, in_force_from=first, in_force_until=first + timedelta(days=2))
    if not for_days.selected(case.request.step, None, is_first=True):
        return None
    starts, ends = for_days.starts_at, for_days.ends_at or for_days.starts_at
    outside = [Instant(starts - TICK), ends, Instant(ends + timedelta(days=400)), Instant(starts - LONG)]
    found = [ask(gate, case, policy=for_days, at=at) for at in outside]
    idle = [ask(gate, case, policy=replace(for_days, status=status)) for status in (Status.DRAFT, Status.RETIRED)]
    inside = [ask(gate, case, policy=for_days, at=at) for at in (starts, Instant(ends - TICK))]
    return _against(
        *((one.is_allowed or one.codes[0] != "POLICY_NOT_IN_FORCE", f"{one.codes} at {one.at}") for one in found),
        *((one.is_allowed or one.codes[0] != "POLICY_NOT_ACTIVE", f"{one.codes}, not active") for one in idle),
        *((one.findings[0] != Finding("policy", True, "MET", (), ends), f"no at {one.at}") for one in inside),
        *((one.is_allowed and one.valid_until is None, "a yes outlives its policy") for one in inside),
    )


def good_facts(case: Case) -> list[f.Fact]:
    """The visible facts that can only help.

    Not among them: reports, positive and other unaccepted tests, holds, reviews that keep one, voids, revocations,
    dispenses and what undoes or interrupts them; whatever corrects another fact, which its removal would bring back;
    and a statement that replaces an earlier one of its kind, which may be the better of the two. An authorization or a
    confirmation helps the later steps and stands in the way of its own.
    """
    view = Record(case.facts).as_of(case.at)
    step, rx = case.request.step, case.request.prescription
    found: list[f.Fact] = [*view.accepted_by(case.policy.tests), *view.all(f.Counselling), *view.all(f.Material)]
    found += view.all(f.Survey)
    found += [r for r in view.all(f.HoldReview) if r.outcome is f.ReviewOutcome.LIFT]
    found += [c for c in view.all(f.Cycle) if c.regularity is not f.CycleRegularity.IRREGULAR]
    found += [p for p in view.all(f.Prescription) if p.id == rx]
    alone: list[list[f.Fact]] = [list(view.all(kind)) for kind in (f.Enrolment, f.RiskEvidence, f.Contraception)]
    certified = view.all(f.Certification)
    alone += [[c for c in certified if (c.role, c.subject) == key] for key in {(c.role, c.subject) for c in certified}]
    if step is not f.Step.AUTHORIZE:
        alone.append([a for a in view.all(f.Authorization) if a.prescription == rx])
    if step is f.Step.DISPENSE:
        alone.append([c for c in view.all(f.Confirmation) if c.prescription == rx])
    found += [facts[0] for facts in alone if len(facts) == 1]
    return [fact for fact in found if not fact.corrects]


BY_TESTS = {"ALREADY_AUTHORIZED"}
"""What a good test can cause: it keeps an authorization alive, beside which there is no second one."""


def removing_a_good_fact_never_opens(gate: Gate, case: Case) -> list[str] | None:
    """Every good fact is taken away in turn; see `good_facts`, and `BY_TESTS` for what a test may also do."""
    before = ask(gate, case)
    if before.is_allowed:
        return None
    may_cause = f.PregnancyTest if BY_TESTS & set(before.codes) else ()
    helps = [fact for fact in good_facts(case) if not isinstance(fact, may_cause)]
    opened = [one for one in helps if ask(gate, case, facts=without_one(case.facts, one)).is_allowed]
    return [f"{one.kind} {one.id} stood in the way: {before.codes}" for one in opened] if helps else None


def waiting_mends_when_it_says(gate: Gate, case: Case) -> list[str] | None:
    """A finding that time alone mends is unmet a tick before its moment and met at it."""
    case = case.settled()
    before = ask(gate, case)
    found = [one for one in before.unmet if one.opens is Opens.BY_WAITING]
    against = []
    for one in found:
        opens_at = one.opens_at or case.at
        short, there = (_finding(ask(gate, case, at=at), one) for at in (Instant(opens_at - TICK), opens_at))
        against += _against(
            (opens_at <= case.at, f"{one.code} opens in the past"),
            (short is None or short.is_met, f"{one.code} is met a tick before {opens_at}"),
            (there is None or not there.is_met, f"{one.code} is not met at {opens_at}"),
        )
    return against if found else None


def _finding(decision: Decision, like: Finding) -> Finding | None:
    return next((one for one in decision.findings if one.requirement == like.requirement), None)


def the_gate_opens_at_the_earliest_moment(gate: Gate, case: Case) -> list[str] | None:
    """Where time alone mends all that is unmet, and nothing else ends meanwhile."""
    case = case.settled()
    before = ask(gate, case)
    opens_at = before.earliest_at
    if before.is_allowed or any(one.opens is not Opens.BY_WAITING for one in before.unmet):
        return None
    if opens_at is None:
        return ["a wait has no end"]
    ends = [one.until for one in before.findings if one.is_met and one.until is not None]
    if ends and min(ends) <= opens_at:
        return _against((ask(gate, case, at=opens_at).is_allowed, "what has ended still counts"))
    return _against(
        (not ask(gate, case, at=opens_at).is_allowed, f"still blocked at {opens_at}"),
        (ask(gate, case, at=Instant(opens_at - TICK)).is_allowed, f"open a tick before {opens_at}"),
    )


def new_facts_mend_nothing_before_the_earliest_moment(gate: Gate, case: Case) -> list[str] | None:
    """A new prescription, test, statement or talk that becomes true before that moment leaves the finding unmet."""
    case = case.settled()
    before = ask(gate, case)
    found = [one for one in before.unmet if one.opens is Opens.BY_A_NEW_FACT]
    against = _against(*((_is_later(case.at, one.opens_at), f"{one.code} opens in the past") for one in found))
    later = [(one, one.opens_at) for one in found if one.opens_at is not None and one.opens_at > case.at]
    random = case.random
    for one, opens_at in later:
        span = opens_at - case.at
        for moment in (case.at, Instant(opens_at - TICK), Instant(case.at + span * random.random())):
            pairs = zip(_news(case, case.at), _news(case, moment), strict=True)
            news = [random.choice(pair) for pair in pairs if random.random() < 0.8]
            for prescription in (case.request.prescription, "rx-next"):
                asked = replace(case, request=replace(case.request, prescription=prescription))
                tried = _finding(ask(gate, asked, facts=(*case.seen, *news), at=moment), one)
                against += _against((tried is not None and tried.is_met, f"{one.code} was mended at {moment}"))
    return against if later else None


def _news(case: Case, at: Instant) -> list[f.Fact]:
    """Everything good that may become true at a moment: begun then, not before."""
    category = ask_category(case)
    today = case.policy.zone.date_of(at)
    stated = Record(case.seen).as_of(at).contraception
    used = {one.method: one.since for one in (stated.methods if stated else ())}
    used = {f.Method.HORMONAL_IMPLANT: today, f.Method.MALE_CONDOM: today} | used
    return [
        b.enrolment(category, id="new-agreement", at=at),
        b.evidence(id="new-evidence", at=at),
        b.negative_test(id="new-test", at=at),
        b.contraception(*(f.MethodInUse(*one) for one in used.items()), id="new-methods", at=at),
        b.treatment(f.TreatmentStatus.RESUMED, id="new-start", at=at),
        b.counselling(set(f.Topic), id="new-talk", at=at, prescription=""),
        b.counselling(b.EACH_TOPICS, id="new-rx-talk", at=at, prescription="rx-next"),
        b.prescription(category, id="rx-next", at=at),
        b.survey(f.Whose.PATIENT, id="new-survey", at=at),
    ]


def ask_category(case: Case) -> f.Category:
    """The category that the case is about, or the strictest."""
    agreement = Record(case.facts).as_of(case.at).enrolment
    return case.policy.strictest if agreement is None else agreement.category


LAWS: tuple[Law, ...] = (
    nothing_known_blocks,
    an_empty_policy_blocks,
    allowed_only_when_every_finding_is_met,
    the_order_of_facts_does_not_matter,
    one_more_requirement_never_opens,
    what_is_to_come_does_not_count,
    a_yes_lasts_exactly_as_long_as_it_says,
    a_positive_test_blocks,
    a_requirement_that_breaks_blocks,
    the_same_arguments_give_the_same_answer,
    outside_its_time_in_force_a_policy_blocks,
    removing_a_good_fact_never_opens,
    waiting_mends_when_it_says,
    the_gate_opens_at_the_earliest_moment,
    new_facts_mend_nothing_before_the_earliest_moment,
)
