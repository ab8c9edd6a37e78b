"""Makes a question and facts of a told story, filling in only what may be left unsaid, and saying so here.

Left unsaid: `id`, `specimen` and `number` are the fact's name, `actor` is "somebody" (but a reviewer is
named), `recorded_at` is `at` (of a test: its result), `resulted_at` is `at`, a sensitivity is "not stated".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, TypeVar, get_type_hints

from compliance.cases.likeness import REQUEST, TIMES
from compliance.cases.times import Teller
from compliance.domain.decision import Outcome, Request
from compliance.domain.errors import DomainError
from compliance.domain.facts import FACTS, Fact, Handover, Prescription, Step
from compliance.domain.policy import Policy
from compliance.domain.span import Instant
from compliance.domain.wire import read_fact, read_instant, read_token

NO_PRESCRIPTION = "?"
"""What is asked about when the story holds no prescription; no fact can bear this name."""

_MAX_FACTS = 500
_UNDOES = {
    "authorization_void": "authorization", "confirmation_void": "confirmation", "reversal": "dispense",
    "return_to_stock": "of", "hold_review": "of", "hold": "cause",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expected:
    """The answer a story expects; what it does not say is None, and so is a time that must not be there."""

    allowed: bool | None
    unmet: tuple[str, ...] | None
    codes: tuple[str, ...] | None
    times: Mapping[str, Instant | None]
    outcome: Outcome | None = None
    advice: tuple[str, ...] | None = None

    @property
    def says_something(self) -> bool:
        """Whether the story can be right or wrong at all."""
        told = (self.allowed, self.unmet, self.codes, self.outcome, self.advice)
        return any(one is not None for one in told)


@dataclass(frozen=True, slots=True)
class Case:
    """One story: what is known, what is asked and when, and the expected answer."""

    name: str
    at: Instant
    request: Request
    facts: tuple[Fact, ...]
    expected: Expected


def read_case(raw: Mapping[str, Any], policy: Policy, name: str) -> Case:
    """Read a whole story (see `likeness.flattened`) under a policy. Raises DomainError naming the field."""
    teller = Teller(read_instant(raw.get("at"), "at"), policy.zone)
    tables = raw.get("facts", {})
    if len(tables) > _MAX_FACTS:
        raise DomainError("TOO_MANY_FACTS", f"a case has {_MAX_FACTS} facts at most", field="facts")
    facts = tuple(_fact(fact, table, teller) for fact, table in tables.items())
    _check_names(facts)
    return Case(name, teller.at, _request(raw, facts), facts, _expected(raw, teller, policy))


def _request(raw: Mapping[str, Any], facts: tuple[Fact, ...]) -> Request:
    given = {name: read_token(raw[name], name) for name in REQUEST[2:5] if name in raw}
    issued = [fact.id for fact in facts if isinstance(fact, Prescription)]
    if "prescription" not in given:
        if len(issued) > 1:
            raise DomainError("PRESCRIPTION_AMBIGUOUS", f"say which one: {', '.join(issued)}", field="prescription")
        given["prescription"] = issued[0] if issued else NO_PRESCRIPTION
    elif given["prescription"] not in issued:
        raise DomainError("UNKNOWN_FACT", f"name one of: {', '.join(issued) or 'there is none'}",
                          field="prescription", value=given["prescription"])  # fmt: skip
    handover = _word(raw["handover"], Handover, "handover") if "handover" in raw else None
    return Request(step=_word(raw.get("step"), Step, "step"), handover=handover, **given)


W = TypeVar("W", bound=Enum)


@cache
def _hints(kind: str) -> dict[str, Any]:
    return get_type_hints(FACTS[kind])


def _word(value: object, words: type[W], field: str) -> W:
    try:
        return words(value)
    except ValueError as error:
        known = ", ".join(word.value for word in words)
        raise DomainError("UNKNOWN_WORD", f"give one of {known}", field=field, value=value) from error


@cache
def time_members(kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which members of a kind of fact are moments, and which are civil dates."""
    hints = _hints(kind)
    moments = tuple(name for name, hint in hints.items() if hint is Instant)
    dates = tuple(name for name, hint in hints.items() if hint is date or str(hint) == "datetime.date | None")
    return moments, dates


def _fact(name: str, table: Mapping[str, Any], teller: Teller) -> Fact:
    field = f"facts.{name}"
    plain = dict(table)
    cls = FACTS.get(str(plain.get("fact")))
    if cls is None:
        return read_fact(plain, field)
    moments, dates = time_members(cls.kind)
    for member in moments:
        if member in plain:
            plain[member], is_day = teller.time(plain[member], f"{field}.{member}")
            if member == "at" and is_day:
                plain.setdefault("precision", "day")
    if plain.get("precision") == "day" and "at" in plain:
        plain["at"] = teller.zone.start_of(teller.zone.date_of(plain["at"]))
    for member in dates:
        if member in plain:
            plain[member] = teller.day(plain[member], f"{field}.{member}")
    if isinstance(plain.get("methods"), list):
        plain["methods"] = [_method(one, f"{field}.methods.{at}", teller) for at, one in enumerate(plain["methods"])]
    return read_fact({**_unsaid(name, cls, plain), **plain}, field)


def _method(one: object, field: str, teller: Teller) -> object:
    if isinstance(one, dict) and "since" in one:
        return {**one, "since": teller.day(one["since"], f"{field}.since")}
    return one


def _unsaid(name: str, cls: type[Fact], plain: Mapping[str, Any]) -> dict[str, Any]:
    """What a story may leave out of this kind of fact."""
    hints = _hints(cls.kind)
    unsaid: dict[str, Any] = {"id": name}
    if cls.kind != "hold_review":
        unsaid["actor"] = "somebody"
    unsaid |= {member: name for member in ("specimen", "number") if member in hints}
    if "sensitivity_miu_ml" in hints:
        unsaid["sensitivity_miu_ml"] = None
    if "at" in plain:
        resulted = plain.get("resulted_at", plain["at"])
        if "resulted_at" in hints:
            unsaid["resulted_at"] = resulted
        unsaid["recorded_at"] = resulted
    return unsaid


def _check_names(facts: tuple[Fact, ...]) -> None:
    """Each fact has its own id, and what undoes another names one: a typing error must not undo nothing."""
    ids = [fact.id for fact in facts]
    for fact in facts:
        if ids.count(fact.id) > 1:
            raise DomainError("ID_TWICE", "each fact needs its own id", field="facts", value=fact.id)
        for member in ("corrects", _UNDOES.get(fact.kind, "corrects")):
            named = getattr(fact, member)
            if named and named not in ids:
                raise DomainError(
                    "UNKNOWN_FACT", "name a fact of this case", field=f"facts.{fact.id}.{member}", value=named
                )


def _expected(raw: Mapping[str, Any], teller: Teller, policy: Policy) -> Expected:
    outcome = _word(raw["outcome"], Outcome, "outcome") if "outcome" in raw else None
    unmet, codes, advice = _words(raw, "unmet"), _words(raw, "codes"), _words(raw, "advice")
    allowed = _allowed(raw, outcome, unmet, codes)
    known = {requirement.id for requirement in policy.requirements} | {"policy"}
    for field, names in (("unmet", unmet), ("advice", advice)):
        for name in names or ():
            if name not in known:
                raise DomainError("UNKNOWN_REQUIREMENT", "name a requirement of the policy", field=field, value=name)
    times = {
        name: None if raw[name] == "none" else teller.time(raw[name], name).moment for name in TIMES if name in raw
    }
    if allowed and outcome is not Outcome.REFER:
        unmet = codes = ()
    return Expected(allowed, unmet, codes, times, outcome, advice)


def _allowed(
    raw: Mapping[str, Any], outcome: Outcome | None, unmet: tuple[str, ...] | None, codes: tuple[str, ...] | None
) -> bool | None:
    """Whether the step is expected to go ahead, said or implied; what is said twice must not contradict."""
    allowed = raw.get("allowed")
    if allowed is not None and not isinstance(allowed, bool):
        raise DomainError("NOT_TRUE_OR_FALSE", "say true or false", field="allowed", value=allowed)
    if outcome is not None:
        if allowed is not None and allowed is (outcome is Outcome.REFUSE):
            raise DomainError("EXPECTATION_CONTRADICTS", "allowed and outcome contradict each other", field="outcome")
        allowed = outcome is not Outcome.REFUSE
    may_be_unmet = outcome in (Outcome.REFUSE, Outcome.REFER) or allowed is False
    for found, word in ((unmet, "unmet"), (codes, "codes")):
        if found is not None and allowed is not None and may_be_unmet is not bool(found):
            raise DomainError("EXPECTATION_CONTRADICTS", f"the answer and {word} contradict each other", field=word)
    if allowed is None and (unmet is not None or codes is not None):
        return not (unmet or codes)
    return allowed


def _words(raw: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    value = raw.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise DomainError("NOT_A_LIST", "list words", field=name, value=value)
    return tuple(value)
