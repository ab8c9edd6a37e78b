"""Each requirement kind as arithmetic, written from the rules in words (policies/README.md) and the raw data alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import z3

from compliance.domain.facts import Category, CategoryBasis, Channel, Reporter, Step, TestKind, TestPlace, TestResult
from tests.smt.timeline import DAY, At, count, end_of
from tests.smt.world import World, words

Raw = Mapping[str, Any]
NEGATIVE, POSITIVE = words(TestResult).index("negative"), words(TestResult).index("positive")
AUTHORIZE, CONFIRM, DISPENSE = (words(Step).index(word) for word in ("authorize", "confirm", "dispense"))
ADULTS = [at for at, word in enumerate(words(Category)) if word.startswith("adult")]


@dataclass(frozen=True)
class Rule:
    """A requirement's table, with the policy it stands in and the world it speaks of."""

    table: Raw
    raw: Raw
    world: World

    def days(self, name: str) -> int:
        return count(self.table[name])[0]

    def end(self, name: str, start: At) -> Any:
        return end_of(self.table[name], start, self.world.calendar)


def one_of(term: Any, kind: Any, named: Any) -> Any:
    return z3.Or([term == words(kind).index(word) for word in named])


def _open(raw: Raw, name: str, at: At) -> Any:
    """Whether a flexibility is on at a moment, on clocks that show UTC."""
    table = raw["flexibility"][name]
    since = (table["in_force_from"] - date(1970, 1, 1)).days
    until = table.get("in_force_until")
    ends = [at.day <= (until - date(1970, 1, 1)).days] if until else []
    return z3.And(z3.BoolVal(table["switched_on"]), at.day >= since, *ends)


def accepted(raw: Raw, w: World) -> list[Any]:
    """For each test whether it counts as a valid negative."""
    before = [_accepts(raw.get("pregnancy_test"), raw, one) for one in w.tests]
    after = [_accepts(raw.get("pregnancy_test_after_first", raw.get("pregnancy_test")), raw, one) for one in w.tests]
    return [z3.If(w.first, one, two) for one, two in zip(before, after, strict=True)]


def _accepts(standard: Raw | None, raw: Raw, one: Any) -> Any:
    if standard is None:
        return z3.BoolVal(False)
    relaxed = [
        z3.And(one.place == words(TestPlace).index(place), _open(raw, name, one.at))
        for place, name in standard["places_by_flexibility"].items()
    ]
    return z3.And(
        one.known, one.result == NEGATIVE, one.stated, one.sensitivity <= standard["least_sensitive"],
        one_of(one.kind, TestKind, standard["kinds"]), one_of(one.reporter, Reporter, standard["reporters"]),
        z3.Or(one_of(one.place, TestPlace, standard["places"]), *relaxed),
    )  # fmt: skip


def _prescription(r: Rule) -> Any:
    w, standard = r.world, r.raw["prescription"]
    relaxed = [
        z3.And(w.channel == words(Channel).index(word), _open(r.raw, name, w.rx))
        for word, name in standard["channels_by_flexibility"].items()
    ]
    covered = z3.Or([w.product == w.products.index(product) for product in r.raw["products"]])
    return z3.And(covered, z3.Or(one_of(w.channel, Channel, standard["channels"]), *relaxed))


def _enrolled(r: Rule) -> Any:
    w = r.world
    adult = w.now.day >= w.calendar.months_after(w.birth, 12 * r.table["adult_age"], later=True)
    off = w.last.day + w.in_hand
    lapses = w.calendar.months_after(off, r.days("lapses_after_months"), later=False)
    lasts = z3.Or(w.first, w.agreement.day >= off, w.now.day < lapses)
    is_adult = z3.Or([w.category == at for at in ADULTS])
    return z3.And(w.signed, is_adult == adult, lasts, w.agreement.total <= w.rx.total)


def _evidence(r: Rule) -> Any:
    w = r.world
    menopause = w.basis == words(CategoryBasis).index("natural_menopause")
    cyclic = z3.Or(menopause, w.basis == words(CategoryBasis).index("no_menarche"))
    reported, reported_at = w.report
    against = z3.Or(w.contradicted, z3.And(reported, reported_at.total >= w.agreement.total))
    found = [one_of(w.basis, CategoryBasis, r.table["accepted"]), z3.Implies(cyclic, z3.Not(against))]
    if r.table["menopause_months"] == "none":
        return z3.And(*found, z3.Not(menopause))
    since = w.calendar.months_after(w.menses, r.days("menopause_months"), later=True)
    return z3.And(*found, z3.Implies(menopause, z3.And(w.menses_known, w.now.day >= since)))


def _certified(r: Rule) -> Any:
    known, _, expires, revoked = r.world.cert[r.table["who"]]
    return z3.And(known, z3.Not(revoked), r.world.now.day <= expires)


def _registered(r: Rule) -> Any:
    return z3.And(_certified(r), r.world.now.total < r.end("lasts", r.world.cert[r.table["who"]][1]))


def unresolved(w: World, reviewers: int) -> Any:
    """Fewer reviewers have lifted what holds the patient than it takes, or one keeps it."""
    return z3.Or(w.lifts < reviewers, w.kept)


def positive(w: World) -> Any:
    """Whether any test was positive, however old."""
    return z3.Or([z3.And(one.known, one.result == POSITIVE) for one in w.tests])


def _not_held(r: Rule) -> Any:
    w = r.world
    return z3.Implies(z3.Or(positive(w), w.pregnancy, w.hold), z3.Not(unresolved(w, r.table["reviewers"])))


def _any_test(r: Rule, holds: Callable[[Any], Any]) -> Any:
    return z3.Or([z3.And(ok, holds(one)) for ok, one in zip(accepted(r.raw, r.world), r.world.tests, strict=True)])


def _days_before(r: Rule) -> Any:
    def holds(one: Any) -> Any:
        age = r.world.rx.day - one.at.day
        return z3.And(age >= r.days("youngest"), age <= r.days("oldest"), one.resulted.total <= r.world.rx.total)

    return _any_test(r, holds)


def _hours_before(r: Rule) -> Any:
    rx = r.world.rx.total
    return _any_test(r, lambda one: z3.And(one.resulted.total <= rx, rx < r.end("within", one.at)))


def _latest_negative(r: Rule) -> Any:
    ok = accepted(r.raw, r.world)
    cases = []
    for at, one in enumerate(r.world.tests):
        doubtful = [z3.And(later.known, later.result != NEGATIVE) for later in r.world.tests[at:]]
        newer = [z3.Not(more) for more in ok[at + 1 :]]
        cases.append(z3.And(ok[at], *newer, z3.Not(z3.Or(doubtful)), one.known))
    return z3.Or(cases)


def _walk(r: Rule, due: Callable[[Any, Any], Any]) -> Any:
    """Tests kept to their schedule since the newest supply, or the gap answered by a talk on its last day or later."""
    w = r.world
    first, last = w.supply[0][0].day, w.last.day
    tested = list(zip(accepted(r.raw, w), w.tests, strict=True))
    previous: Any = first
    for ok, one in tested:
        previous = z3.If(z3.And(ok, last > first, one.at.day <= last), one.at.day, previous)
    is_late, late = z3.BoolVal(False), z3.IntVal(0)
    for ok, one in tested:
        counts = z3.And(ok, one.at.day > previous)
        gap = z3.And(counts, one.at.day > due(previous, first))
        is_late, late = z3.Or(is_late, gap), z3.If(gap, one.at.day, late)
        previous = z3.If(counts, one.at.day, previous)
    known, talk = w.missed_talk
    answered = z3.And(known, talk.day >= late)
    return z3.And(z3.Not(w.first), w.now.day <= due(previous, first), z3.Implies(is_late, answered))


def _schedule(r: Rule) -> Any:
    regular = z3.Or(r.world.cycle == 1, r.world.cycle == 3)
    then = z3.If(regular, r.days("then_every"), r.days("then_every_if_irregular"))

    def due(previous: Any, first: Any) -> Any:
        weekly = previous + r.days("weekly_every")
        return z3.If(weekly <= first + r.days("weekly_for"), weekly, previous + then)

    return _walk(r, due)


def _interval(r: Rule) -> Any:
    return _walk(r, lambda previous, _: previous + r.days("every"))


def _apart(r: Rule) -> Any:
    """The newest negative that had resulted by the prescription, and any one so many days before it."""
    w, ok = r.world, accepted(r.raw, r.world)
    usable = [z3.And(good, one.resulted.total <= w.rx.total) for good, one in zip(ok, w.tests, strict=True)]
    cases = []
    for at, one in enumerate(w.tests):
        newest = z3.And(usable[at], *[z3.Not(more) for more in usable[at + 1 :]])
        early = z3.Or(
            [z3.And(good, two.at.day <= one.at.day - r.days("at_least")) for good, two in zip(ok, w.tests, strict=True)]
        )
        cases.append(z3.And(newest, early))
    return z3.Or(cases)


def _before_lead_in(r: Rule) -> Any:
    w = r.world
    tested = _any_test(r, lambda one: one.at.day <= w.rx.day - r.days("at_least"))
    rest = z3.And(w.stated, w.abstinent, w.abstinent_since <= w.rx.day - r.days("or_abstinent_for"))
    return z3.Or(tested, rest)


def newest_by(ok: list[Any], w: World, moment: At) -> list[tuple[Any, At]]:
    """For each test whether it is the newest accepted one known by a moment."""
    known = [
        z3.And(good, one.at.total <= moment.total, one.resulted.total <= moment.total)
        for good, one in zip(ok, w.tests, strict=True)
    ]
    return [(z3.And(known[at], *[z3.Not(more) for more in known[at + 1 :]]), one.at) for at, one in enumerate(w.tests)]


def _menses(r: Rule) -> Any:
    w = r.world
    reported, since = w.report
    known, talk = w.menses_talk
    tested = z3.Or([z3.And(is_it, at.total >= since.total) for is_it, at in newest_by(accepted(r.raw, w), w, w.now)])
    return z3.Implies(reported, z3.And(tested, known, talk.total >= since.total))


def _contraception(r: Rule) -> Any:
    w, t = r.world, r.table
    by = w.now.day - r.days("lead_in")
    high = list(t["highly_effective"])
    rest = [word for word in t["additional"] if word not in high]
    old = {word: z3.If(z3.And(w.methods[word][0], w.methods[word][1] <= by), 1, 0) for word in high + rest}
    highs = z3.Sum([z3.IntVal(0), *(old[word] for word in high)])
    alls = z3.Sum([highs, *(old[word] for word in rest)])
    enough = z3.And(highs >= t["of_them_highly_effective"], alls >= t["methods"])
    rests = z3.And(z3.BoolVal(t["abstinence_counts"]), w.abstinent, w.abstinent_since <= by)
    return z3.And(w.stated, z3.Or(enough, rests))


def _counselling(r: Rule) -> Any:
    told = r.world.talk if r.table["each_prescription"] else r.world.once
    found = [told[r.table["by"], topic] for topic in r.table["topics"]]
    if r.table["each_prescription"]:
        return z3.And(found)
    return z3.And(found)


def _survey(r: Rule) -> Any:
    known, at = r.world.survey
    return z3.And(known, r.world.now.total < r.end("every", at))


def _supply_left(r: Rule) -> Any:
    w = r.world
    left = w.in_hand - (w.now.day - w.last.day)
    return z3.Or(w.first, z3.If(left > 0, left, 0) <= r.table["at_most"])


def _authorization(r: Rule, alive: Callable[[At], Any]) -> Any:
    w = r.world
    born = z3.And(z3.Not(z3.And(w.authorized, alive(w.auth))), alive(w.now))
    held = z3.And(w.authorized, w.auth_category_fits, alive(w.auth))
    return z3.If(w.step == AUTHORIZE, born, held)


def _authorization_life(r: Rule) -> Any:
    w = r.world

    def alive(issued: At) -> Any:
        if r.table["counted_from"] == "issue":
            return w.now.total < r.end("lasts", issued)
        if r.table["counted_from"] == "prescription":
            return w.now.total < r.end("lasts", w.rx)
        newest = newest_by(accepted(r.raw, w), w, issued)
        return z3.Or([z3.And(is_it, w.now.total < r.end("lasts", at)) for is_it, at in newest])

    return _authorization(r, alive)


def _confirmation(r: Rule) -> Any:
    w = r.world
    over = w.now.total >= r.end("lasts", w.conf)
    born = z3.Implies(z3.And(w.authorized, w.confirmed, w.conf_fits), over)
    held = z3.And(w.confirmed, w.authorized, w.conf_fits, w.conf_here, z3.Not(over))
    return z3.If(w.step == CONFIRM, born, held)


def _shipping(r: Rule) -> Any:
    w = r.world
    return z3.Or(w.handover == 1, z3.And(w.handover == 2, w.confirmed, w.now.total < (w.conf.day + 1) * DAY))


KINDS: dict[str, Callable[[Rule], Any]] = {
    "prescription_form": _prescription,
    "category_on_prescription": lambda r: r.world.rx_category_fits,
    "enrolled": _enrolled,
    "risk_evidence": _evidence,
    "certified": _certified,
    "registered": _registered,
    "not_held": _not_held,
    "test_days_before": _days_before,
    "test_hours_before": _hours_before,
    "latest_test_negative": _latest_negative,
    "test_schedule": _schedule,
    "test_interval": _interval,
    "tests_apart": _apart,
    "test_before_lead_in": _before_lead_in,
    "menses_evaluated": _menses,
    "contraception": _contraception,
    "counselling": _counselling,
    "material": lambda r: r.world.items[r.table["item"]],
    "prescriber_survey": lambda r: r.world.prescriber_survey,
    "patient_survey": _survey,
    "days_supply": lambda r: r.world.days <= r.table["at_most"],
    "refills": lambda r: r.world.refills <= r.table["at_most"],
    "not_yet_dispensed": lambda r: z3.Not(r.world.rx_dispensed),
    "supply_left": _supply_left,
    "authorization_life": _authorization_life,
    "authorization_held": lambda r: _authorization(r, lambda _: z3.BoolVal(True)),
    "confirmation_life": _confirmation,
    "same_day_shipping": _shipping,
}
