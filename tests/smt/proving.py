"""Puts questions about policies to the solver: what a version newly allows or denies, and what none may ever allow.

A requirement of a kind that is not encoded is an unknown of its own: two that are the same share it, so what stands in
both versions cancels out, and what does not is said to be undecided, never skipped.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, NamedTuple

import z3

from compliance.domain.facts import Category, Step
from compliance.domain.gate import decide
from compliance.domain.policy import Policy, read_policy
from compliance.domain.record import Record
from compliance.policies.difference.asking import ageless
from tests.smt.kinds import DISPENSE, KINDS, Rule, accepted, newest_by, positive
from tests.smt.timeline import count
from tests.smt.world import Story, World, words

ORDINARY = 20_619
"""15 June 2026: no month's end, no leap day."""
QUICK, TIMEOUT = 1_500, 15_000
"""Milliseconds for one question; what takes longer is unknown, and said to be."""
RESTS = "undecided, rests on a kind not encoded"
_PROSE = frozenset({"id", "text", "source", "confidence"})
_OF_TESTS = frozenset(
    {"test_days_before", "test_hours_before", "latest_test_negative", "test_schedule", "test_interval"}
)
_OF_INTERVALS = frozenset(
    {"youngest", "oldest", "within", "weekly_every", "then_every", "then_every_if_irregular", "every"}
)


class Answer(NamedTuple):
    """One line of the table: what was asked, the answer, and the witness as the real gate sees it."""

    policy: str
    question: str
    found: str
    witness: str


@dataclass(frozen=True)
class Encoded:
    """One policy as formulas over a world."""

    policy: Policy
    rules: dict[str, Any]
    asked: Any
    not_encoded: tuple[str, ...]

    @property
    def allowed(self) -> Any:
        return z3.And(self.asked, *self.rules.values())


def world_of(*policies: Policy) -> World:
    """One world for all the products of some policies."""
    return World(list(dict.fromkeys(product for policy in policies for product in sorted(policy.products))))


def encode(policy: Policy, world: World) -> Encoded:
    """Each requirement that can refuse, as `asked implies met`."""
    rules, asked, missing = {}, [], []
    for table in policy.raw.get("requirement", []):
        if table.get("if_unmet", "refuse") != "refuse":
            continue
        applies = _applies(table.get("when", {}), policy.raw, world)
        encoder = KINDS.get(table["kind"])
        if encoder is None:
            missing.append(f"{table['id']} ({table['kind']})")
        met = z3.Bool(f"opaque {_bare(table)}") if encoder is None else encoder(Rule(table, policy.raw, world))
        rules[table["id"]] = z3.Implies(applies, met)
        asked.append(applies)
    ungated = [word in policy.raw.get("no_gate", {}).get("categories", []) for word in words(Category)]
    free = z3.Or([world.category == at for at, is_free in enumerate(ungated) if is_free])
    return Encoded(policy, rules, z3.Or(free, *asked), tuple(missing))


def _bare(table: Mapping[str, Any]) -> str:
    return json.dumps({k: v for k, v in table.items() if k not in _PROSE}, sort_keys=True, default=str)


def _applies(when: Mapping[str, Any], raw: Mapping[str, Any], w: World) -> Any:
    found = [z3.BoolVal(True)]
    if "steps" in when:
        found.append(z3.Or([w.step == words(Step).index(step) for step in when["steps"]]))
    if "categories" in when:
        taken = [word if word in raw["categories"] else raw["strictest_category"] for word in words(Category)]
        found.append(z3.Or([w.category == at for at, word in enumerate(taken) if word in when["categories"]]))
    if "first" in when:
        found.append(w.first == when["first"])
    return z3.And(found)


def solve(world: World, *claims: Any) -> tuple[str, Story | None]:
    """Whether some story fits all claims, in questions from the quick to the slow.

    `proven none` is only ever said of all integers. A story is sooner found on an ordinary day, then on the calendar.
    """
    ordinary = [world.now.day == ORDINARY, *world.limits]
    for timeout, narrowed in ((QUICK, []), (TIMEOUT, ordinary), (TIMEOUT, world.limits), (TIMEOUT, [])):
        solver = z3.Solver() if timeout == QUICK else z3.SolverFor("QF_LIA")
        solver.set("timeout", timeout)
        solver.add(*world.calendar.axioms, *claims, *narrowed)
        found = solver.check()
        if found == z3.sat and narrowed:
            return "some", Story(world, solver.model())
        if found == z3.unsat and not narrowed:
            return "proven none", None
    return ("some, beyond the calendar" if found == z3.sat else "unknown"), None


def difference(old: Policy, new: Policy) -> Iterator[Answer]:
    """What each changed requirement of the newer policy newly denies, and of the older one newly allows."""
    world = world_of(old, new)
    before, after = encode(old, world), encode(new, world)
    title = f"{old.id} {old.version} -> {new.version}"
    for word, one, two in (("newly allowed", after, before), ("newly denied", before, after)):
        yield from _lost(title, word, world, (one, two), (old, new))


def _lost(
    title: str, word: str, world: World, sides: tuple[Encoded, Encoded], policies: tuple[Policy, Policy]
) -> Iterator[Answer]:
    """What `one` allows and a requirement of `two` does not; a requirement that stands in both cannot be the one."""
    one, two = sides
    kept = {rule.sexpr() for rule in one.rules.values()}
    found = False
    for name, rule in two.rules.items():
        if rule.sexpr() in kept:
            continue
        found = True
        missing = [entry for entry in two.not_encoded if entry.startswith(f"{name} (")]
        if missing:
            yield Answer(title, f"{word} by {name}", "not encoded", "")
            continue
        answer, story = solve(world, one.allowed, z3.Not(rule))
        witness = "" if story is None else replayed(story, *policies)
        if witness and not changes(witness) and (one.not_encoded or two.not_encoded):
            answer = RESTS
        yield Answer(title, f"{word} by {name}", answer, witness)
    if not found:
        yield Answer(title, word, "proven none", "")


def changes(witness: str) -> bool:
    """Whether the real gate answers a witness otherwise under the two policies."""
    return len({said.split()[0] for said in witness.split(" -> ")}) > 1


def replayed(story: Story, *policies: Policy) -> str:
    """What the real gate says of a witness under each policy, on clocks without changes as the solver knows them."""
    said = []
    for policy in policies:
        plain = read_policy({**policy.raw, "time_zone": "UTC"}, policy.sha256)
        decision = decide(ageless(plain), Record(story.facts), story.request, story.at)
        said.append(" ".join([decision.outcome.value, *decision.codes]))
    return " -> ".join(said)


def properties(policy: Policy) -> Iterator[Answer]:
    """What must never be, for every policy on its own."""
    world = world_of(policy)
    encoded = encode(policy, world)
    title = f"{policy.id} {policy.version}"
    for entry in encoded.not_encoded:
        yield Answer(title, f"requirement {entry}", "not encoded", "")
    if stops(policy):
        claims = (encoded.allowed, positive(world), z3.Or(world.lifts == 0, world.kept))
        yield _never(title, "allowed with a positive test unresolved", world, policy, *claims)
    more = z3.And(encoded.allowed, z3.Bool("one more requirement"))
    yield _never(title, "opened by one more requirement", world, policy, more, z3.Not(encoded.allowed))
    interval = largest_interval(policy)
    if interval is not None:
        question = f"dispensed with no accepted test of the last {interval} days"
        yield _never(title, question, world, policy, *_stale(encoded, world, interval))


def stops(policy: Policy) -> bool:
    """Whether a pregnancy stops the medicine: it does unless the policy says that it is referred."""
    holds = [table for table in policy.raw.get("requirement", []) if table["kind"] == "not_held"]
    return all(table.get("if_unmet", "refuse") == "refuse" for table in holds)


def _never(title: str, question: str, world: World, policy: Policy, *claims: Any) -> Answer:
    found, story = solve(world, *claims)
    return Answer(title, f"never {question}", found, "" if story is None else replayed(story, policy))


def largest_interval(policy: Policy) -> int | None:
    """The longest time, in whole days, that any rule lets pass between a test and what rests on it."""
    found = []
    for table in policy.raw.get("requirement", []):
        if table["kind"] in _OF_TESTS:
            spans = [value for name, value in table.items() if name in _OF_INTERVALS]
        elif table.get("counted_from") == "pregnancy_test":
            spans = [table["lasts"]]
        else:
            continue
        for span in spans:
            number, unit = count(span if isinstance(span, str) else span["span"])
            found.append({"D": number, "M": 31 * number, "H": ceil(number / 24)}[unit])
    return max(found, default=None)


def _stale(encoded: Encoded, world: World, interval: int) -> tuple[Any, ...]:
    """A dispense allowed, for somebody of whom tests are asked, while every accepted test is older than that."""
    raw = encoded.policy.raw
    tests = [table for table in raw["requirement"] if table["kind"] in _OF_TESTS]
    asked = z3.Or([_applies(table.get("when", {}), raw, world) for table in tests])
    newest = newest_by(accepted(raw, world), world, world.now)
    fresh = z3.Or([z3.And(is_it, world.now.day - at.day <= interval) for is_it, at in newest])
    return encoded.allowed, world.step == DISPENSE, asked, z3.Not(fresh)
