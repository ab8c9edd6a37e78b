"""Draws whole questions to the gate: records that are nearly right, and long untidy histories.

A nearly right record starts from one that a step is allowed on and is changed in a few places by a day, an hour or a
tick, so that both answers stay near. The untidy histories are those of the oracle, drawn once, because each costs
hundreds of draws.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from compliance.domain import facts as f
from compliance.domain.decision import Request
from compliance.domain.policy import Policy, read_policy
from compliance.domain.record import Record, View
from compliance.domain.span import TICK, Instant
from tests import builders as b
from tests.domain import wide
from tests.oracle.bridge import facts_of, request_of
from tests.oracle.histories import histories

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
UNTIDY = 40
STEPS = [timedelta(0), TICK, -TICK, *(sign * timedelta(hours=h) for h in (1, 2, 23, 24, 25) for sign in (1, -1))]
LEAPS = [sign * timedelta(days=d) for d in (1, 2, 3, 6, 7, 8, 14, 21, 28, 29) for sign in (1, -1)]
MOMENTS = [timedelta(0)] * 6 + STEPS + [leap for leap in LEAPS if leap > timedelta(0)] + [timedelta(days=200)]


@dataclass(frozen=True, repr=False)
class Case:
    """One question to the gate; `seed` decides whatever a law has still to choose."""

    policy: Policy
    facts: tuple[f.Fact, ...]
    request: Request
    at: Instant
    seed: int

    def __repr__(self) -> str:
        known = ", ".join(f"{fact.id} {fact.at:%Y-%m-%dT%H:%M:%S.%f}" for fact in self.facts)
        return f"<{self.policy.version}, {self.request}, at {self.at}, seed {self.seed}, facts: {known[:20_000]}>"

    @property
    def random(self) -> Random:
        """Choices that depend on the case alone."""
        return Random(self.seed)

    @property
    def seen(self) -> tuple[f.Fact, ...]:
        """The facts that the gate may see at that moment."""
        return tuple(fact for fact in self.facts if fact.at <= self.at and fact.recorded_at <= self.at)

    @property
    def view(self) -> View:
        """What the gate sees of them."""
        return Record(self.facts).as_of(self.at, self.policy.scope)

    def settled(self) -> "Case":
        """The same case without the facts that are still to come."""
        return replace(self, facts=self.seen)


@cache
def policies() -> tuple[Policy, ...]:
    """The released policy, mostly; and the same with an end, a later beginning, or another status."""
    changes: list[dict[str, Any]] = [
        {"in_force_until": date(2026, 6, 15)},
        {"in_force_until": date(2026, 6, 18)},
        {"in_force_from": date(2026, 6, 16)},
        {"in_force_from": date(2026, 6, 15), "in_force_until": date(2026, 6, 16)},
        {"status": "draft"},
    ]
    return (b.policy(),) * 25 + tuple(read_policy(b.plain_policy() | change, "0" * 64) for change in changes)


@cache
def _ready(category: f.Category, step: f.Step, cycles: int, *, is_wide: bool = False) -> tuple[f.Fact, ...]:
    return tuple(wide.wide_facts(category, step, cycles) if is_wide else b.ready(category, step, cycles=cycles))


def shifted(fact: f.Fact, by: timedelta) -> f.Fact:
    """The fact as if all of it had happened earlier or later."""
    times: dict[str, Any] = {name: getattr(fact, name) + by for name in ("at", "recorded_at")}
    if isinstance(fact, f.PregnancyTest):
        times["resulted_at"] = fact.resulted_at + by
    return replace(fact, **times)


Change = Callable[[list[f.Fact], int, timedelta], None]


def _move(facts: list[f.Fact], place: int, by: timedelta) -> None:
    facts[place] = shifted(facts[place], by)


def _delay(facts: list[f.Fact], place: int, by: timedelta) -> None:
    facts[place] = replace(facts[place], recorded_at=Instant(facts[place].recorded_at + abs(by)))


def _drop(facts: list[f.Fact], place: int, by: timedelta) -> None:
    del facts[place]


def _repeat(facts: list[f.Fact], place: int, by: timedelta) -> None:
    known = Instant(facts[place].recorded_at + abs(by))
    facts.append(replace(facts[place], id=f"again-{len(facts)}", corrects=facts[place].id, recorded_at=known))


def _retract(facts: list[f.Fact], place: int, by: timedelta) -> None:
    known = Instant(facts[place].recorded_at + abs(by))
    facts.append(b.retraction(facts[place].id, at=known))


def _flaw(facts: list[f.Fact], place: int, by: timedelta) -> None:
    flaws = _FLAWS.get(type(facts[place]), [{}])
    facts[place] = replace(facts[place], **flaws[abs(by).seconds % len(flaws)])


def _add(facts: list[f.Fact], place: int, by: timedelta) -> None:
    added = other_facts()
    facts.append(shifted(added[place % len(added)], by))


_FLAWS: dict[type[f.Fact], list[dict[str, Any]]] = {
    f.PregnancyTest: [
        {"result": f.TestResult.INDETERMINATE},
        {"sensitivity_miu_ml": 51},
        {"place": f.TestPlace.HOME},
        {"specimen": "shared"},
    ],
    f.Enrolment: [
        {"patient_signed": False, "guardian_signed": False},
        {"category": f.Category.ADULT_MALE},
        {"birth_date": date(2008, 6, 16)},
        {"birth_date": date(2008, 6, 15)},
    ],
    f.Prescription: [{"refills": 1}, {"quantity": 22}, {"category": f.Category.ADULT_FNRP}, {"product": "other"}],
    f.RiskEvidence: [
        {"basis": f.CategoryBasis.NATURAL_MENOPAUSE, "last_menses_on": date(2024, 6, day)} for day in (14, 15, 16, 25)
    ],
    f.Contraception: [
        {"methods": (b.in_use(f.Method.MALE_CONDOM, date(2026, 5, day)),), "abstinent_since": since}
        for day, since in ((18, None), (19, date(2026, 5, 18)), (18, date(2026, 5, 19)), (18, date(2026, 5, 25)))
    ],
    f.Cycle: [{"regularity": f.CycleRegularity.IRREGULAR}, {"regularity": f.CycleRegularity.NONE}],
    f.Certification: [{"expires_on": date(2026, 6, day)} for day in (14, 15, 16)],
    f.Dispense: [{"days_supply": days} for days in (28, 34, 35, 36)],
    f.Authorization: [{"category": f.Category.CHILD_MALE}],
    f.Confirmation: [{"pharmacy": "elsewhere"}],
    **wide.FLAWS,
}


@cache
def other_facts() -> tuple[f.Fact, ...]:
    """What may happen beside the ordinary course, around the moment of the question."""
    lately: dict[str, Any] = {"days_ago": 0, "hours_ago": 1}
    return (
        b.positive_test(id="other-positive"),
        b.negative_test(id="other-negative", hours_ago=1),
        b.negative_test(id="other-unclear", result=f.TestResult.INDETERMINATE, days_ago=1),
        *(b.report(what, id=f"other-{what.value}") for what in f.ReportKind),
        b.report(f.ReportKind.MISSED_MENSES, id="other-day", at=b.ago(hours=12), precision=f.Precision.DAY),
        b.hold(id="other-hold"),
        b.review("other-hold", "ann"),
        b.review("other-hold", "ben"),
        b.review("other-positive", "ann"),
        b.review("other-positive", "ben"),
        b.counselling({f.Topic.MISSED_TEST, f.Topic.MENSES_EVALUATION}, id="other-talk", prescription="", hours_ago=1),
        *(b.treatment(status, id=f"other-{status.value}", days_ago=2) for status in f.TreatmentStatus),
        b.authorization(id="other-an", minutes_ago=80),
        b.confirmation(id="other-cn", hours_ago=0, minutes_ago=50),
        b.made(f.AuthorizationVoid, {"id": "other-an-void", "authorization": "an"}, lately),
        b.made(f.ConfirmationVoid, {"id": "other-cn-void", "confirmation": "cn"}, lately),
        b.made(f.ReturnToStock, {"id": "other-return", "of": "dispense-1"}, lately),
        b.made(f.Reversal, {"id": "other-reversal", "dispense": "dispense-1"}, lately),
        b.dispense(id="other-dispense", prescription="rx-9", days_ago=20, minutes_ago=0),
        b.enrolment(f.Category.CHILD_FRP, id="other-agreement", **lately),
        b.revocation(f.CertifiedRole.PRESCRIBER, b.PRESCRIBER, id="other-revocation"),
        b.certification(f.CertifiedRole.PHARMACY, b.PHARMACY, id="other-certified", expires_on=date(2026, 6, 16)),
        *wide.others(),
    )


_CHANGES: tuple[Change, ...] = (_move, _move, _move, _delay, _drop, _flaw, _flaw, _add, _add, _repeat, _retract)
_BY = STEPS + LEAPS
_EDITS = st.tuples(st.sampled_from(_CHANGES), st.integers(0, 10_000), st.sampled_from(_BY))
_READY = st.tuples(st.sampled_from(list(f.Category)), st.sampled_from(list(f.Step)), st.integers(0, 2))
_HANDOVERS = st.sampled_from([f.Handover.IN_PERSON] * 3 + [f.Handover.SHIPPED, None])


@st.composite
def nearly_ready(draw: Callable[[st.SearchStrategy[Any]], Any], *, is_wide: bool = False) -> Case:
    """A record that the policy allows at a step, changed in up to three places, asked about at some moment near."""
    category, step, cycles = draw(_READY)
    facts = list(_ready(category, step, cycles, is_wide=is_wide))
    for change, place, by in draw(st.lists(_EDITS, max_size=3)):
        change(facts, place % len(facts), by)
    at = Instant(b.NOW + draw(st.sampled_from(MOMENTS)))
    handover = draw(_HANDOVERS) if step is f.Step.DISPENSE else None
    request = b.request(step, handover=handover)
    known = wide.wide_policies() if is_wide else policies()
    return Case(known[draw(st.integers(0, len(known) - 1))], tuple(facts), request, at, draw(st.integers(0, 2**32)))


@cache
def _untidy() -> tuple[Case, ...]:
    found: list[Case] = []

    @settings(
        max_examples=UNTIDY,
        deadline=None,
        database=None,
        suppress_health_check=SLOW,
        phases=[Phase.generate],
        derandomize=True,
    )
    @given(histories())
    def collect(drawn: Any) -> None:
        plain, request, at = drawn
        found.append(Case(b.policy(), tuple(facts_of(plain)), request_of(request), Instant(at), len(found)))

    collect()
    return tuple(found)


@st.composite
def untidy(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Case:
    """One of the oracle's histories, asked about at any of its moments, for any step."""
    case: Case = _untidy()[draw(st.integers(0, UNTIDY - 1))]
    moments = sorted({fact.at for fact in case.facts} | {fact.recorded_at for fact in case.facts} | {case.at})
    at = Instant(draw(st.sampled_from(moments)) + draw(st.sampled_from(STEPS)))
    request = replace(case.request, step=draw(st.sampled_from(list(f.Step))))
    return replace(case, at=at, request=request, seed=draw(st.integers(0, 2**32)))


def cases() -> st.SearchStrategy[Case]:
    """Any question: nearly right records six times in seven, half of them under a policy that uses every kind."""
    _untidy()  # drawn before, because one drawing cannot stand inside another
    narrow, other = nearly_ready(), nearly_ready(is_wide=True)
    return st.one_of(narrow, other, narrow, other, narrow, other, untidy())


def without_one(facts: Sequence[f.Fact], gone: f.Fact) -> tuple[f.Fact, ...]:
    """The facts but for one of them."""
    return tuple(fact for fact in facts if fact is not gone)


def _too_much_left(facts: list[f.Fact], days: int) -> list[f.Fact]:
    return [replace(one, days_supply=28 + days) if isinstance(one, f.Dispense) else one for one in facts]


_WAITS = ["menopause", "lead-in", "supply", "supply", "paused", "menses", "authorized", "confirmed", "nothing else"]


@st.composite
def waiting(draw: Callable[[st.SearchStrategy[Any]], Any], *, is_wide: bool = False) -> Case:
    """A record in whose way stands, mostly, only something that time alone mends, and perhaps the policy too."""
    days, step = draw(st.integers(1, 40)), draw(st.sampled_from(list(f.Step)))
    kind = draw(st.sampled_from(_WAITS))
    among = {"authorized": b.FNRP, "lead-in": b.FRP, "menses": b.FRP, "menopause": {f.Category.ADULT_FNRP}}
    category = draw(st.sampled_from(sorted(among.get(kind, set(f.Category)), key=str)))
    if kind in {"supply", "paused"}:
        step = draw(st.sampled_from([f.Step.CONFIRM, f.Step.DISPENSE]))
    step = {"authorized": f.Step.AUTHORIZE, "confirmed": f.Step.CONFIRM}.get(kind, step)
    cycles = int(kind in {"supply", "paused"})
    ready = list(_ready(category, step, cycles, is_wide=is_wide))
    facts = _made_to_wait(kind, ready, b.NOW.date() + timedelta(days=days))
    for change, place, by in draw(st.lists(_EDITS, max_size=1)):
        change(facts, place % len(facts), by)
    known = wide.wide_policies() if is_wide else (b.policy(),)
    policy = known[draw(st.integers(0, len(known) - 1))]
    if draw(st.sampled_from([kind == "nothing else", False, True])):
        policy = _from_tomorrow(policy)
    return Case(policy, tuple(facts), b.request(step), b.NOW, draw(st.integers(0, 2**32)))


_LACKED = (
    "test", "test-before", "test-early", "contraception", "cycle", "period", "declaration", "view-dr-ann",
    "view-dr-ben", "lab-blood_count", "lab-creatinine_clearance", "considered-reaction_history", "form-care_agreement",
    "rx",
)  # fmt: skip


@st.composite
def lacking(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Case:
    """A first supply of a woman under the policies that use every kind, which lacks some of what new facts can mend."""
    step = draw(st.sampled_from(list(f.Step)))
    gone = draw(st.lists(st.sampled_from(_LACKED), min_size=1, max_size=4, unique=True))
    facts = b.without(_ready(f.Category.ADULT_FRP, step, 0, is_wide=True), *gone)
    for test in [one for one in facts if isinstance(one, f.PregnancyTest)]:
        facts[facts.index(test)] = shifted(test, timedelta(days=draw(st.integers(-1, 1)) * 3))
    for change, place, by in draw(st.lists(_EDITS, max_size=1)):
        change(facts, place % len(facts), by)
    policy = wide.wide_policies()[draw(st.integers(0, 2))]
    return Case(policy, tuple(facts), b.request(step), b.NOW, draw(st.integers(0, 2**32)))


def _made_to_wait(kind: str, facts: list[f.Fact], until: date) -> list[f.Fact]:
    if kind == "menopause":
        basis, last = f.CategoryBasis.NATURAL_MENOPAUSE, date(until.year - 2, until.month, until.day)
        return b.changed(facts, "evidence", basis=basis, last_menses_on=last)
    if kind == "lead-in":
        used = b.in_use(f.Method.HORMONAL_IMPLANT, until - timedelta(days=28)), b.in_use(f.Method.MALE_CONDOM)
        return b.changed(facts, "contraception", methods=used)
    if kind in {"supply", "paused"}:
        more = 28 + (until - b.NOW.date()).days
        facts = [replace(one, days_supply=more) if isinstance(one, f.Dispense) else one for one in facts]
    others: dict[str, f.Fact] = {
        "paused": b.treatment(f.TreatmentStatus.INTERRUPTED, hours_ago=30),
        "menses": b.report(f.ReportKind.MISSED_MENSES, days_ago=0, hours_ago=12, precision=f.Precision.DAY),
        "authorized": b.authorization(next(one.category for one in facts if isinstance(one, f.Enrolment))),
        "confirmed": b.confirmation(minutes_ago=until.day - 1, hours_ago=0),
    }
    return [*facts, *([others[kind]] if kind in others else [])]


def _from_tomorrow(policy: Policy) -> Policy:
    return replace(policy, in_force_from=date(2026, 6, 16), in_force_until=None)
