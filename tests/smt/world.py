"""Everything that the encoded rules look at, as unknowns: one patient, one prescription, three tests, two supplies."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import z3

from compliance.domain.decision import Request
from compliance.domain.facts import (
    Category,
    CategoryBasis,
    Channel,
    Counsellor,
    Fact,
    Handover,
    Item,
    Method,
    Reporter,
    Step,
    TestKind,
    TestPlace,
    TestResult,
    Topic,
)
from compliance.domain.span import Instant
from compliance.domain.wire import read_fact
from tests.smt.timeline import DAY, At, Calendar

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PRODUCTS, TESTS = 24, 3
ROLES = {"prescriber": "dr", "pharmacy": "site", "pharmacist": "roe"}


def words(kind: Any) -> list[str]:
    """The words of a closed vocabulary, in the order in which they are numbered here."""
    return [word.value for word in kind]


@dataclass(frozen=True)
class Test:
    """One pregnancy test that there may be."""

    known: Any
    at: At
    resulted: At
    result: Any
    stated: Any
    sensitivity: Any
    kind: Any
    place: Any
    reporter: Any


class World:
    """The unknowns, and the axioms that make them one possible story; `products` are numbered by both policies."""

    def __init__(self, products: list[str]) -> None:
        self.products = [*products, "another"]
        self.calendar = Calendar()
        self.limits: list[Any] = []
        self.now, self.rx = self._at("now"), self._at("rx")
        self.step, self.category = self._word("step", Step), self._word("category", Category)
        self.handover = self._int("handover", 0, len(Handover))
        self.product, self.channel = self._int("product", 0, len(self.products) - 1), self._word("channel", Channel)
        self.rx_category_fits, self.rx_dispensed = z3.Bools("rx_category_fits rx_dispensed")
        self.days, self.refills = self._int("days", 1, None, 90_000), self._int("refills", 0, None, 90_000)
        self.agreement, self.birth, self.signed = self._at("agreement"), self._day("birth"), z3.Bool("signed")
        self.basis, self.menses_known = self._int("basis", -1, len(CategoryBasis) - 1), z3.Bool("menses_known")
        self.menses, self.contradicted = self._day("menses"), z3.Bool("contradicted")
        self.cert = {role: (z3.Bool(f"{role}.known"), self._at(f"{role}.at"), self._day(f"{role}.expires"),
                            z3.Bool(f"{role}.revoked")) for role in ROLES}  # fmt: skip
        self.tests = [self._test(f"test{at}") for at in range(TESTS)]
        self.lifts, self.kept = self._int("lifts", 0, None, 9), z3.Bool("kept")
        self.pregnancy, self.hold = z3.Bools("pregnancy hold")
        self.first, self.two = z3.Bools("first two")
        self.supply = [(self._at(f"supply{n}"), self._int(f"supply{n}.days", 1, None, 90_000)) for n in (0, 1)]
        self.cycle = self._int("cycle", 0, 3)
        self.missed_talk, self.menses_talk, self.report, self.survey = (
            (z3.Bool(f"{name}.known"), self._at(name)) for name in ("missed_talk", "menses_talk", "report", "survey")
        )
        self.stated, self.abstinent = z3.Bools("stated abstinent")
        self.abstinent_since = self._day("abstinent_since")
        self.methods = {word: (z3.Bool(word), self._day(f"{word}.since")) for word in words(Method)}
        self.talk = {(by, topic): z3.Bool(f"talk {by} {topic}") for by in words(Counsellor) for topic in words(Topic)}
        self.once = {(by, topic): z3.Bool(f"once {by} {topic}") for by in words(Counsellor) for topic in words(Topic)}
        self.items = {item: z3.Bool(f"item {item}") for item in words(Item)}
        self.prescriber_survey = z3.Bool("prescriber_survey")
        self.authorized, self.auth = z3.Bool("authorized"), self._at("auth")
        self.auth_category_fits = z3.Bool("auth_category_fits")
        self.confirmed, self.conf = z3.Bool("confirmed"), self._at("conf")
        self.conf_fits, self.conf_here = z3.Bools("conf_fits conf_here")
        self._sane()

    def _int(self, name: str, least: int, most: int | None, limit: int | None = None) -> Any:
        made = z3.Int(name)
        self.calendar.axioms += [made >= least] + ([made <= most] if most is not None else [])
        self.limits += [made <= limit] if limit is not None else []
        return made

    def _word(self, name: str, kind: Any) -> Any:
        return self._int(name, 0, len(words(kind)) - 1)

    def _day(self, name: str) -> Any:
        made = z3.Int(f"{name}.on")
        self.limits += [made >= -15_000, made <= 40_000]
        return made

    def _at(self, name: str) -> At:
        made = self.calendar.at(name)
        self.limits += [made.day >= -15_000, made.day <= 25_000]
        return made

    def _test(self, name: str) -> Test:
        return Test(
            z3.Bool(f"{name}.known"), self._at(name), self._at(f"{name}.resulted"),
            self._word(f"{name}.result", TestResult),
            z3.Bool(f"{name}.stated"), self._int(f"{name}.sensitivity", 0, None, 90_000),
            self._word(f"{name}.kind", TestKind), self._word(f"{name}.place", TestPlace),
            self._word(f"{name}.reporter", Reporter),
        )  # fmt: skip

    def _sane(self) -> None:
        """All happened by now; tests and supplies in order; a dispensed prescription is not a first supply."""
        moments = [self.agreement, self.auth, self.conf, *(talk[1] for talk in self.known_talks()),
                   *(cert[1] for cert in self.cert.values()), *(s[0] for s in self.supply)]  # fmt: skip
        axioms = [moment.total <= self.now.total for moment in moments]
        axioms += [self.rx.total < self.now.total, self.supply[0][0].total < self.supply[1][0].total]
        for one in self.tests:
            axioms += [one.at.total <= one.resulted.total, one.resulted.total <= self.now.total]
        for one, two in zip(self.tests, self.tests[1:], strict=False):
            axioms.append(one.at.total < two.at.total)
        axioms += [z3.Implies(self.rx_dispensed, z3.Not(self.first)), z3.Implies(self.first, z3.Not(self.two))]
        axioms += [self.birth <= self.agreement.day]
        self.calendar.axioms += axioms

    def known_talks(self) -> list[tuple[Any, At]]:
        return [self.missed_talk, self.menses_talk, self.report, self.survey]

    @property
    def last(self) -> At:
        """The newest supply."""
        (first, _), (second, _) = self.supply
        return At(z3.If(self.two, second.day, first.day), z3.If(self.two, second.us, first.us))

    @property
    def in_hand(self) -> Any:
        """Days of treatment in hand on the day of the newest supply."""
        (first, days), (second, more) = self.supply
        left = days - (second.day - first.day)
        return z3.If(self.two, z3.If(left > 0, left, 0) + more, days)


class Story:
    """A model of the solver told as facts, so that the real gate can be asked."""

    def __init__(self, world: World, model: z3.ModelRef) -> None:
        self.world, self.model = world, model
        self.facts: list[Fact] = []
        self._tell()

    def num(self, term: Any) -> int:
        return int(self.model.eval(term, model_completion=True).as_long())

    def yes(self, term: Any) -> bool:
        return bool(z3.is_true(self.model.eval(term, model_completion=True)))

    def when(self, at: At) -> Instant:
        return Instant(EPOCH + timedelta(microseconds=self.num(at.day) * DAY + self.num(at.us)))

    def day(self, term: Any) -> str:
        return (date(1970, 1, 1) + timedelta(days=self.num(term))).isoformat()

    @property
    def at(self) -> Instant:
        return self.when(self.world.now)

    @property
    def request(self) -> Request:
        handover = [None, *Handover][self.num(self.world.handover)]
        step = list(Step)[self.num(self.world.step)]
        return Request(step=step, prescription="rx", pharmacy="site", pharmacist="roe", handover=handover)

    def _add(self, kind: str, name: str, at: Instant, **members: Any) -> None:
        when = at.isoformat()
        plain = {"fact": kind, "id": name, "at": when, "recorded_at": when, "actor": "somebody", **members}
        self.facts.append(read_fact(plain))

    def _tell(self) -> None:
        w = self.world
        category = words(Category)[self.num(w.category)]
        other = next(word for word in words(Category) if word != category)
        signed = self.yes(w.signed)
        self._add("enrolment", "agreement", self.when(w.agreement), category=category, birth_date=self.day(w.birth),
                  patient_signed=signed, guardian_signed=signed, prescriber_signed=signed, prescriber="dr")  # fmt: skip
        days = self.num(w.days)
        self._add("prescription", "rx", self.when(w.rx), product=w.products[self.num(w.product)],
                  category=category if self.yes(w.rx_category_fits) else other, prescriber="dr",
                  channel=words(Channel)[self.num(w.channel)], quantity=days, units_per_day=1, days_on=days,
                  cycle_days=days, refills=self.num(w.refills))  # fmt: skip
        for role, subject in ROLES.items():
            known, at, expires, revoked = w.cert[role]
            if self.yes(known):
                self._add(
                    "certification", role, self.when(at), subject=subject, role=role, expires_on=self.day(expires)
                )
            if self.yes(revoked):
                self._add("revocation", f"{role}-revoked", self.when(at), subject=subject, role=role)
        self._tell_care()
        self._tell_tests()
        self._tell_supply(category, other)

    def _tell_care(self) -> None:
        w = self.world
        if self.num(w.basis) >= 0:
            menses = {"last_menses_on": self.day(w.menses)} if self.yes(w.menses_known) else {}
            self._add(
                "risk_evidence",
                "evidence",
                self.when(w.agreement),
                basis=words(CategoryBasis)[self.num(w.basis)],
                **menses,
            )
        if self.yes(w.contradicted):
            self._add("report", "menses", self.at, what="menses_resumed")
        if self.num(w.cycle):
            word = ("regular", "irregular", "none")[self.num(w.cycle) - 1]
            self._add("cycle", "cycle", self.when(w.agreement), regularity=word)
        if self.yes(w.stated):
            used = [
                {"method": m, "since": self.day(since)} for m, (known, since) in w.methods.items() if self.yes(known)
            ]
            rest = {"abstinent_since": self.day(w.abstinent_since)} if self.yes(w.abstinent) else {}
            self._add("contraception", "methods", self.when(w.agreement), methods=used, **rest)
        self._tell_talks()

    def _tell_talks(self) -> None:
        w = self.world
        for by in words(Counsellor):
            for told, at, name in ((w.once, w.rx, "once"), (w.talk, w.now, "talk")):
                topics = [topic for topic in words(Topic) if self.yes(told[by, topic])]
                named = {"prescription": "rx"} if name == "talk" else {}
                if topics:
                    self._add("counselling", f"{name}-{by}", self.when(at), by=by, topics=topics, **named)
        self._tell_papers()

    def _tell_papers(self) -> None:
        w = self.world
        for (known, at), topic in ((w.missed_talk, "missed_test"), (w.menses_talk, "menses_evaluation")):
            if self.yes(known):
                self._add("counselling", topic, self.when(at), by="prescriber", topics=[topic])
        if self.yes(w.report[0]):
            self._add("report", "report", self.when(w.report[1]), what="missed_menses")
        if self.yes(w.survey[0]):
            self._add("survey", "survey", self.when(w.survey[1]), whose="patient")
        if self.yes(w.prescriber_survey):
            self._add("survey", "rx-survey", self.at, whose="prescriber", prescription="rx")
        for item, known in w.items.items():
            if self.yes(known):
                self._add("material", item, self.at, item=item, prescription="rx")

    def _tell_tests(self) -> None:
        w, causes = self.world, []
        for number, one in enumerate(w.tests):
            if not self.yes(one.known):
                continue
            result = words(TestResult)[self.num(one.result)]
            resulted = self.when(one.resulted).isoformat()
            self._add("pregnancy_test", f"test{number}", self.when(one.at), resulted_at=resulted, recorded_at=resulted,
                      result=result, sensitivity_miu_ml=self.num(one.sensitivity) if self.yes(one.stated) else None,
                      test_kind=words(TestKind)[self.num(one.kind)], place=words(TestPlace)[self.num(one.place)],
                      reporter=words(Reporter)[self.num(one.reporter)], specimen=f"test{number}")  # fmt: skip
            causes += [f"test{number}"] if result == "positive" else []
        if self.yes(w.pregnancy):
            self._add("report", "pregnancy", self.when(w.agreement), what="pregnancy")
            causes.append("pregnancy")
        if self.yes(w.hold):
            self._add("hold", "hold", self.when(w.agreement))
            causes.append("hold")
        for cause in causes:
            for number in range(self.num(w.lifts)):
                self._add("hold_review", f"{cause}-{number}", self.at, of=cause, outcome="lift", actor=f"dr-{number}")
            if self.yes(w.kept):
                self._add("hold_review", f"{cause}-kept", self.at, of=cause, outcome="keep", actor="dr-who-keeps")

    def _tell_supply(self, category: str, other: str) -> None:
        w = self.world
        if not self.yes(w.first):
            given = w.supply[: 2 if self.yes(w.two) else 1]
            for number, (at, days) in enumerate(given):
                is_last = number == len(given) - 1
                rx = "rx" if is_last and self.yes(w.rx_dispensed) else f"rx-{number}"
                self._add("dispense", f"supply{number}", self.when(at), prescription=rx, confirmation=f"cn-{number}",
                          pharmacy="site", handover="shipped", days_supply=self.num(days))  # fmt: skip
        if self.yes(w.authorized):
            held = category if self.yes(w.auth_category_fits) else other
            self._add("authorization", "an", self.when(w.auth), number="an", prescription="rx", category=held)
        if self.yes(w.confirmed):
            self._add("confirmation", "cn", self.when(w.conf), number="cn", prescription="rx",
                      authorization="an" if self.yes(w.conf_fits) else "an-before",
                      pharmacy="site" if self.yes(w.conf_here) else "elsewhere")  # fmt: skip
