"""The gate's laws as functions: what a case shows against one, or None where the law says nothing about it.

Each takes the gate as an argument, so that a faulty gate can be put before it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from compliance.domain import facts as f
from compliance.domain.decision import Decision, Finding, Opens, Outcome, Request, Weight
from compliance.domain.policy import Policy, Status, Transition
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
ALWAYS = When(steps=frozenset(), categories=frozenset(), first=None)
OPEN = {Outcome.REFUSE: 0, Outcome.REFER: 1, Outcome.NOT_GATED: 2, Outcome.ALLOW: 2}
"""How far open the gate stands."""


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
    """Neither with no facts at all, nor when only the people and sites are known; where the unknown have a gate."""
    if not case.policy.is_gated(None):
        return None
    people = [fact for fact in case.facts if isinstance(fact, f.Certification)]
    return _against(
        (ask(gate, case, facts=()).is_allowed, "allowed on no facts"),
        (ask(gate, case, facts=people).is_allowed, "allowed on certifications alone"),
    )


def an_empty_policy_blocks(gate: Gate, case: Case) -> list[str] | None:
    """Nor one that asks nothing at this step, or only advises there, or has only layers; unless it has no gate."""
    rules, step = case.policy.requirements, case.request.step
    if not case.policy.is_gated(ask(gate, case).category):
        return None
    elsewhere = tuple(r for r in rules if r.when.steps and step not in r.when.steps)
    advised = tuple(replace(r, if_unmet=Weight.ADVISE) for r in rules)
    layers = tuple(r for r in rules if r.id in case.policy.laid_over)
    found = [ask(gate, case, policy=replace(case.policy, requirements=some)) for some in ((), elsewhere, advised)]
    found.append(ask(gate, case, policy=replace(case.policy, requirements=layers)))
    return _against(*((one.codes[:1] != ("POLICY_EMPTY",) or one.is_allowed, f"codes {one.codes}") for one in found))


def allowed_only_when_every_refusing_finding_is_met(gate: Gate, case: Case) -> list[str] | None:
    """One finding about the policy, one for each requirement asked, in its order; a yes is all of them that refuse."""
    found = ask(gate, case)
    asked = case.policy.asked(case.request.step, found.category, not case.view.course)
    refers = {r.id for r in case.policy.requirements if r.if_unmet is Weight.REFER}
    unmet = tuple(one for one in found.findings if not one.is_met)
    blocking = tuple(one for one in unmet if one.requirement not in refers)
    outcome = Outcome.ALLOW if case.policy.is_gated(found.category) else Outcome.NOT_GATED
    outcome = Outcome.REFUSE if blocking else Outcome.REFER if unmet else outcome
    return _against(
        (found.outcome is not outcome, f"the outcome is {found.outcome}, not {outcome}"),
        (found.is_allowed is not (outcome is not Outcome.REFUSE), "allowed although something refuses, or the reverse"),
        ([one.requirement for one in found.findings] != ["policy", *(r.id for r in asked[0])], "findings are missing"),
        ([one.requirement for one in found.advice] != [r.id for r in asked[1]], "advice is missing"),
        (any((one.code == "MET") is not one.is_met for one in (*found.findings, *found.advice)), "a code contradicts"),
        (found.unmet != unmet or found.codes != tuple(one.code for one in unmet), "unmet findings are missing"),
        (
            found.blocking != blocking or len(found.referred) + len(blocking) != len(unmet),
            "blocking or referred is off",
        ),
        (bool(blocking) and found.valid_until is not None, "a no has a time of validity"),
        (not blocking and found.earliest_at is not None, "a yes has still to open"),
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
    """Anywhere in the list, of any kind and weight; the other findings stay as they were.

    The one exception is the policy that asks nothing here: it blocks because it is empty, and with a requirement it no
    longer is.
    """
    before, rules = ask(gate, case), list(case.policy.requirements)
    if before.codes[:1] == ("POLICY_EMPTY",):
        return None
    more = replace(case.random.choice(rules), id="one-more", when=ALWAYS, if_unmet=case.random.choice(list(Weight)))
    rules.insert(case.random.randrange(len(rules) + 1), more)
    after = ask(gate, case, policy=replace(case.policy, requirements=tuple(rules)))
    others = tuple(one for one in after.findings if one.requirement != "one-more")
    return _opens(before, after, more.kind) + _against(
        (others != before.findings, f"{more.kind} changed another finding"),
    )


def _opens(before: Decision, after: Decision, by: str) -> list[str]:
    """In what the second decision is wider than the first."""
    lives = [one.authorization_ends_at for one in (before, after)]
    return _against(
        (OPEN[after.outcome] > OPEN[before.outcome], f"{by} opened the gate from {before.outcome}"),
        (after.is_allowed and _is_later(after.valid_until, before.valid_until), f"{by} prolonged the yes"),
        (lives[1] is not None and _is_later(lives[1], lives[0]), f"{by} prolonged the authorization"),
    )


def a_layer_never_opens(gate: Gate, case: Case) -> list[str] | None:
    """Whatever it asks, with whatever weight, also over a policy that asks nothing here; and it is named."""
    before, random = ask(gate, case), case.random
    some = random.sample(case.policy.requirements, random.randrange(1, 6))
    weights = [random.choice(list(Weight)) for _ in some]
    rules = tuple(
        replace(rule, id=f"layer-{at}", when=ALWAYS, if_unmet=weight)
        for at, (rule, weight) in enumerate(zip(some, weights, strict=True))
    )
    layer = replace(case.policy, id="layers/any", requirements=rules, layers=(), layer_over=frozenset({case.policy.id}))
    bare = replace(case.policy, requirements=())
    after = ask(gate, case, policy=case.policy.under(layer))
    first = ask(gate, case, policy=bare), ask(gate, case, policy=bare.under(layer))
    return _opens(before, after, "a layer") + _against(
        (OPEN[first[1].outcome] > OPEN[first[0].outcome], "a layer filled an empty policy"),
        (after.findings[: len(before.findings)] != before.findings, "a layer changed a finding"),
        (after.advice[: len(before.advice)] != before.advice, "a layer changed an advice"),
        (
            len(after.findings) + len(after.advice) != len(before.findings) + len(before.advice) + len(rules),
            "not asked",
        ),
        (after.layers != (*before.layers, f"layers/any@{layer.version} {layer.sha256}"), "a layer is not named"),
    )


def advice_never_changes_the_outcome(gate: Gate, case: Case) -> list[str] | None:
    """Neither when it is taken away nor when more of it is given, of a kind that cannot be checked too."""
    rules, random = case.policy.requirements, case.random
    quiet = tuple(r for r in rules if r.if_unmet is not Weight.ADVISE)
    broken = Breaks(
        id="b", text="x", source="x", confidence="house", when=ALWAYS, if_unmet=Weight.ADVISE, error=ERRORS[0]
    )
    more = [replace(one, id=f"advice-{at}", if_unmet=Weight.ADVISE, when=ALWAYS)
            for at, one in enumerate(random.sample(rules, 5))]  # fmt: skip
    before = replace(ask(gate, case), advice=())
    found = [
        ask(gate, case, policy=replace(case.policy, requirements=some)) for some in (quiet, (*rules, broken, *more))
    ]
    return _against(
        *((replace(one, advice=()) != before, "advice changed the decision") for one in found),
        *((one.outcome is not before.outcome, f"advice made it {one.outcome}") for one in found),
        *((one.valid_until != before.valid_until or one.earliest_at != before.earliest_at, "times") for one in found),
        (bool(found[0].advice), "advice that nobody gave"),
        ([one.requirement for one in found[1].advice][-6:] != ["b", *(one.id for one in more)], "advice is lost"),
        (Finding("b", False, "REQUIREMENT_BROKE") not in found[1].advice, "advice that broke is lost"),
    )


def a_referral_never_refuses_and_never_disappears(gate: Gate, case: Case) -> list[str] | None:
    """What is unmet is unmet whether it refuses or refers; where all requirements refer, none refuses."""
    before, rules = ask(gate, case), case.policy.requirements
    deciding = tuple(r for r in rules if r.if_unmet is not Weight.ADVISE)
    mild, strict = (
        ask(gate, case, policy=replace(case.policy, requirements=tuple(replace(r, if_unmet=one) for r in deciding)))
        for one in (Weight.REFER, Weight.REFUSE)
    )
    unmet = [one.requirement for one in before.unmet]
    itself = before.unmet[:1] if unmet[:1] == ["policy"] else ()
    refers = {r.id for r in rules if r.if_unmet is Weight.REFER}
    return _against(
        ([one.requirement for one in before.referred] != [one for one in unmet if one in refers], "a referral is lost"),
        (any(one.requirement in refers for one in before.blocking), "a referral refuses"),
        (
            any([one.requirement for one in other.unmet] != unmet for other in (mild, strict)),
            "a weight changed an answer",
        ),
        (mild.blocking != itself, "refused where all only refers"),
        (mild.referred != tuple(one._replace(refers=True) for one in strict.unmet[len(itself) :]), "not referred"),
        (strict.is_allowed is not (not unmet), "not refused where all refuses"),
        (not itself and mild.outcome is not Outcome.REFER and bool(unmet), "nobody is told"),
    )


def not_gated_only_where_it_says_so_and_in_force(gate: Gate, case: Case) -> list[str] | None:
    """A category that the policy lists as having no gate, in the version's time, with nothing unmet."""
    before, random = ask(gate, case), case.random
    chosen = frozenset(random.sample(case.policy.categories, random.randrange(len(case.policy.categories) + 1)))
    category = before.category if before.category in case.policy.categories else case.policy.strictest
    is_open = category in chosen
    policy = replace(case.policy, ungated=chosen)
    asking, silent = ask(gate, case, policy=policy), ask(gate, case, policy=replace(policy, requirements=()))
    draft = ask(gate, case, policy=replace(policy, status=Status.DRAFT, requirements=()))
    is_in_force = before.findings[0].is_met
    expected = Outcome.NOT_GATED if is_open else Outcome.ALLOW
    return _against(
        (asking.findings != before.findings, "the want of a gate changed a finding"),
        (
            OPEN[before.outcome] < 2 and asking.outcome is not before.outcome,
            f"{before.outcome} became {asking.outcome}",
        ),
        (OPEN[before.outcome] == 2 and asking.outcome is not expected, f"{asking.outcome} instead of {expected}"),
        (silent.is_allowed is not (is_open and is_in_force), f"nothing asked: {silent.outcome}"),
        (silent.is_allowed and silent.outcome is not Outcome.NOT_GATED, f"nothing asked: {silent.outcome}"),
        (draft.is_allowed, "a draft opened a gate"),
    )


def a_prescription_is_finished_under_the_version_it_was_issued_in(gate: Gate, case: Case) -> list[str] | None:
    """After its last day a version decides by prescription about those issued in its time, and about no others."""
    case = case.settled()
    rx = case.view.prescriptions.get(case.request.prescription)
    if case.policy.status is not Status.ACTIVE or ask(gate, case).codes[:1] == ("POLICY_EMPTY",):
        return None
    day = case.policy.zone.date_of(rx.at if rx else case.at) - timedelta(days=case.random.randrange(2))
    own = replace(
        case.policy, in_force_from=day, in_force_until=day + timedelta(days=1), transition=Transition.BY_PRESCRIPTION
    )
    early = replace(own, in_force_from=day - timedelta(days=9), in_force_until=day - timedelta(days=1))
    later = replace(own, in_force_from=day + timedelta(days=2), in_force_until=day + timedelta(days=3))
    by_moment = replace(own, transition=Transition.BY_MOMENT)
    at = Instant(max(case.at, later.ends_at or case.at) + timedelta(hours=case.random.randrange(99)))
    found = [ask(gate, case, policy=one, at=at) for one in (own, by_moment, early, later)]
    over = Finding("policy", False, "POLICY_NOT_IN_FORCE")
    return _against(
        (
            found[0].findings[0] != (Finding("policy", True, "MET") if rx else over),
            "not finished under its own version",
        ),
        (any(one.findings[0] != over or one.is_allowed for one in found[1:]), "finished under another version"),
        (any(one.findings[1:] != found[0].findings[1:] for one in found), "the transition changed a finding"),
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
    """Allowed at every moment before its end, one tick before it too, and not at it, if nothing else happens.

    Where what ends there only refers, supply goes on and somebody is told.
    """
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
        *((one.valid_until != end, f"the end moved at {one.at}") for one in held if one.is_allowed and not yes.unmet),
        (any(one.outcome is not yes.outcome for one in held) and not yes.unmet, "the outcome moved before its end"),
        (end is not None and _still_met(yes, ask(gate, case, at=end), end), f"still yes at {end}"),
    )


def _still_met(yes: Decision, then: Decision, end: Instant) -> bool:
    """Whether what was met until that moment is met at it, or its end is not noticed."""
    ended = {one.requirement for one in yes.findings if one.until == end}
    lost = [one for one in then.findings if one.requirement in ended and not one.is_met]
    return not lost or then.is_allowed is not all(one.refers for one in then.unmet)


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
        (found.is_allowed and case.policy.stops_on_pregnancy, "allowed after a positive test"),
        (found.outcome in {Outcome.ALLOW, Outcome.NOT_GATED}, "nobody is told of a positive test"),
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


def a_requirement_that_breaks_does_what_it_would_do_unmet(gate: Gate, case: Case) -> list[str] | None:
    """It refuses, refers or advises, and hides none of the others."""
    if case.policy.status is not Status.ACTIVE:
        return None
    before, rules = ask(gate, case), list(case.policy.requirements)
    error, weight = case.random.choice(ERRORS), case.random.choice(list(Weight))
    broken = Breaks(id="broken", text="x", source="x", confidence="house", when=ALWAYS, if_unmet=weight, error=error)
    rules.insert(case.random.randrange(len(rules) + 1), broken)
    after = ask(gate, case, policy=replace(case.policy, requirements=tuple(rules)))
    others = tuple(one for one in after.findings if one.requirement != "broken")
    [found] = [one for one in (*after.findings, *after.advice) if one.requirement == "broken"]
    does = {Weight.REFUSE: Outcome.REFUSE, Weight.REFER: Outcome.REFER, Weight.ADVISE: before.outcome}[weight]
    return _against(
        (OPEN[after.outcome] > OPEN[does], f"{after.outcome} beside a broken requirement"),
        (OPEN[after.outcome] != min(OPEN[before.outcome], OPEN[does]), f"{after.outcome} instead of {does}"),
        (found != Finding("broken", False, "REQUIREMENT_BROKE", refers=weight is Weight.REFER), f"found {found}"),
        (others != before.findings, "another finding is hidden or changed"),
        (weight is Weight.REFUSE and after.earliest_at is not None, "an opening is promised"),
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
    for_days = replace(
        case.policy, status=Status.ACTIVE, in_force_from=first, in_force_until=first + timedelta(days=2),
        transition=Transition.BY_MOMENT,
    )  # fmt: skip
    if not for_days.asked(case.request.step, None, is_first=True)[0]:
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
    views against, reactions, dispenses and what undoes or interrupts them; whatever corrects another fact, which its
    removal would bring back; and a statement that replaces an earlier one of its kind, which may be the better of the
    two. An authorization or a confirmation helps the later steps and stands in the way of its own.
    """
    view = case.view
    step, rx = case.request.step, case.request.prescription
    found: list[f.Fact] = [*view.accepted_by(case.policy.tests), *view.all(f.Counselling), *view.all(f.Material)]
    found += view.all(f.Survey)
    found += [r for r in view.all(f.HoldReview) if r.outcome is f.ReviewOutcome.LIFT]
    found += view.all(f.Assessment)
    found += [r for r in view.all(f.IndependentReview) if r.supports]
    found += [p for p in view.all(f.Prescription) if p.id == rx]
    alone: list[list[f.Fact]] = [
        list(view.all(kind)) for kind in (f.Enrolment, f.RiskEvidence, f.Contraception, f.Declaration)
    ]
    alone.append([c for c in view.all(f.Cycle) if c.regularity is not f.CycleRegularity.IRREGULAR])
    alone += [[a for a in view.all(f.Acknowledgement) if a.form is form] for form in f.Form]
    alone += [[r for r in view.all(f.LabResult) if r.panel is panel] for panel in f.Panel]
    certified = view.all(f.Certification)
    alone += [[c for c in certified if (c.role, c.subject) == key] for key in {(c.role, c.subject) for c in certified}]
    if step is not f.Step.AUTHORIZE:
        alone.append([a for a in view.all(f.Authorization) if a.prescription == rx])
    if step is f.Step.DISPENSE:
        alone.append([c for c in view.all(f.Confirmation) if c.prescription == rx])
    found += [facts[0] for facts in alone if len(facts) == 1]
    return [fact for fact in found if not fact.corrects]


BY_TESTS = {"ALREADY_AUTHORIZED", "TEST_NOT_IN_PERIOD"}
"""What a good test can cause: it keeps an authorization alive, beside which there is no second one; and the newest is
the one that must fall in a period."""


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
    found = [one for one in (*before.unmet, *before.advised) if one.opens is Opens.BY_WAITING]
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
    return next((one for one in (*decision.findings, *decision.advice) if one.requirement == like.requirement), None)


def the_gate_opens_at_the_earliest_moment(gate: Gate, case: Case) -> list[str] | None:
    """Where time alone mends all that is unmet, and nothing else ends meanwhile."""
    case = case.settled()
    before = ask(gate, case)
    opens_at = before.earliest_at
    if before.is_allowed or any(one.opens is not Opens.BY_WAITING for one in before.blocking):
        return None
    if opens_at is None:
        return ["a wait has no end"]
    refers = {r.id for r in case.policy.requirements if r.if_unmet is Weight.REFER}
    ends = [one.until for one in before.findings if one.until is not None and one.requirement not in refers]
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
    found = [one for one in (*before.unmet, *before.advised) if one.opens is Opens.BY_A_NEW_FACT]
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


MENDED = (
    "TEST_NOT_IN_WINDOW", "TEST_MISSING", "SECOND_TEST_TOO_SOON", "WINDOW_MISSED", "TEST_NOT_IN_PERIOD",
    "CYCLE_UNKNOWN", "CONTRACEPTION_MISSING", "CONTRACEPTION_TOO_FEW", "CONTRACEPTION_NOT_HIGHLY_EFFECTIVE",
    "DECLARATION_",
    "ACKNOWLEDGEMENT_", "REVIEW_MISSING", "REVIEW_AGAINST", "LAB_", "REACTION_HISTORY_MISSING", "ASSESSMENT_MISSING",
    "REGIMEN_UNUSUAL", "REGISTRATION_LAPSED", "PRESCRIPTION_MISSING", "PATIENT_SURVEY_",
)  # fmt: skip
"""The codes of what a fact alone mends that `_news` holds."""


def new_facts_mend_at_the_earliest_moment(gate: Gate, case: Case) -> list[str] | None:
    """What becomes true at that moment, beside what was begun at once, makes the finding met for a new prescription."""
    case = case.settled()
    before = ask(gate, case)
    found = [
        one for one in (*before.unmet, *before.advised)
        if one.opens is Opens.BY_A_NEW_FACT and one.opens_at is not None and one.code.startswith(MENDED)
    ]  # fmt: skip
    against = []
    for one in found:
        at = one.opens_at or case.at
        begun = [replace(fact, id=f"{fact.id}-now") for fact in _news(case, case.at)]
        then = [fact for fact in _news(case, at) if not isinstance(fact, f.Contraception) or at == case.at]
        asked = replace(case, request=replace(case.request, prescription="rx-next"))
        tries = [ask(gate, asked, facts=(*case.seen, *news), at=at) for news in (then, (*begun, *then))]
        answers = [_finding(tried, one) for tried in tries]
        is_mended = any(answer is None or answer.is_met for answer in answers)
        against += _against((not is_mended, f"{one.code} of {one.requirement} is not mended at {at}: {answers}"))
    return against if found else None


def _news(case: Case, at: Instant) -> list[f.Fact]:
    """Everything good that may become true at a moment: begun then, not before."""
    category = ask_category(case)
    today = case.policy.zone.date_of(at)
    stated = case.view.contraception
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
        b.cycle(id="new-cycle", at=at),
        *([b.report(f.ReportKind.PERIOD_STARTED, id="new-period", at=at)] if category in b.FRP else []),
        b.declaration(id="new-declaration", at=at, prescription="rx-next"),
        *(b.acknowledgement(form, id=f"new-{form.value}", at=at) for form in f.Form),
        *(b.independent_review(name, id=f"new-{name}", at=at) for name in ("dr-ann", "dr-ben", "dr-cem")),
        *(b.lab_result(panel, id=f"new-{panel.value}", at=at, value=90) for panel in f.Panel),
        *(b.assessment(concern, id=f"new-{concern.value}", at=at) for concern in f.Concern),
        b.certification(f.CertifiedRole.PRESCRIBER, b.PRESCRIBER, id="new-certified", at=at),
    ]


def ask_category(case: Case) -> f.Category:
    """The category that the case is about, or the strictest."""
    agreement = case.view.enrolment
    return case.policy.strictest if agreement is None else agreement.category


LAWS: tuple[Law, ...] = (
    nothing_known_blocks,
    an_empty_policy_blocks,
    allowed_only_when_every_refusing_finding_is_met,
    the_order_of_facts_does_not_matter,
    one_more_requirement_never_opens,
    what_is_to_come_does_not_count,
    a_yes_lasts_exactly_as_long_as_it_says,
    a_positive_test_blocks,
    a_requirement_that_breaks_does_what_it_would_do_unmet,
    the_same_arguments_give_the_same_answer,
    outside_its_time_in_force_a_policy_blocks,
    removing_a_good_fact_never_opens,
    waiting_mends_when_it_says,
    the_gate_opens_at_the_earliest_moment,
    new_facts_mend_nothing_before_the_earliest_moment,
    new_facts_mend_at_the_earliest_moment,
    a_layer_never_opens,
    advice_never_changes_the_outcome,
    a_referral_never_refuses_and_never_disappears,
    not_gated_only_where_it_says_so_and_in_force,
    a_prescription_is_finished_under_the_version_it_was_issued_in,
)
