"""Draws long, untidy patient histories, because the order of many events hides faults that single facts do not.

Several cycles of prescription, authorization, confirmation and dispense, mixed with reversals, returns, interruptions,
stops, corrections, facts recorded late, missed menses, holds and reviews, and new agreements, around the days on
which clocks change and around leap days. Most cycles are nearly right, so that a yes stays within reach.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.palette import WORDS, Palette
from tests.oracle.programme import Programme, load
from tests.oracle.spans import SMALLEST, civil_day, first_instant
from tests.oracle.world import Plain

Draw = Callable[[st.SearchStrategy[Any]], Any]
EVENTS = [
    *("reversal", "return_to_stock", "retraction", "hold", "authorization_void", "confirmation_void", "revocation"),
    *("confirmation", "enrol", "statement", "copy"),
    *["treatment_change", "report", "hold_review", "test", "talk", "form"] * 3,
]


@dataclass
class History:
    """Facts as they are told, one after another, with the clock that they hang on."""

    draw: Draw
    at: datetime
    category: str
    palette: Palette
    is_calm: bool = True
    facts: list[Plain] = field(default_factory=list)

    def mostly(self, good: Any, *others: Any) -> Any:
        """The good value: always while all is calm, else 19 times in 20."""
        if self.is_calm:
            return good
        return self.draw(st.sampled_from([good] * 19 * len(others) + list(others)))

    def calm_or_not(self) -> None:
        """Begin a stretch in which nothing goes wrong, or one in which much does."""
        self.is_calm = self.draw(st.booleans())

    def tell(self, kind: str, at: datetime, **members: Any) -> Plain:
        """Add a fact; now and then it is recorded late."""
        name = members.pop("id", f"f{len(self.facts)}")
        known = max(at, members.get("resulted_at", at))
        late = self.mostly(timedelta(0), timedelta(minutes=30), timedelta(hours=20), timedelta(days=8))
        made = {"fact": kind, "id": name, "at": at, "recorded_at": known + late, "actor": "clerk", **members}
        self.facts.append(made)
        return made

    def near(self, moment: datetime) -> datetime:
        """That moment, or nearly, or at the edge of its civil day."""
        kind = self.mostly("exact", "shift", "midnight")
        shift: timedelta = self.draw(st.sampled_from(self.palette.shifts)) if kind == "shift" else timedelta(0)
        if kind == "midnight":
            start = first_instant(self.palette.zone, civil_day(self.palette.zone, moment))
            return start - (SMALLEST if self.draw(st.booleans()) else timedelta(0))
        return moment + shift

    def a_date(self, moment: datetime) -> date:
        """The civil date of nearly that moment."""
        return civil_day(self.palette.zone, self.near(moment))

    def enrol(self, category: str) -> None:
        """A new agreement, for nearly the right age, mostly signed."""
        is_child = category.startswith("child_")
        birth = date(2011, 3, 31) if is_child else date(1980, 2, 29)
        if self.mostly(False, True):
            birth = self.draw(st.sampled_from(self.palette.births))
        self.tell(
            "enrolment",
            self.near(self.at - timedelta(days=1)),
            category=category,
            birth_date=birth,
            prescriber="dr-1",
            patient_signed=self.mostly(True, False),
            guardian_signed=is_child and self.mostly(True, False),
            prescriber_signed=self.mostly(True, False),
        )

    def begin(self) -> None:
        """Certifications, agreement, evidence, contraception, first tests and first counselling."""
        long_ago = self.at - timedelta(days=300)
        for role, subject in (("prescriber", "dr-1"), ("pharmacy", "ph-1"), ("pharmacist", "pp-1")):
            expires = self.mostly(self.at + timedelta(days=400), self.at, self.at + timedelta(days=30)).date()
            self.tell("certification", long_ago, subject=subject, role=role, expires_on=expires)
        self.enrol(self.category)
        basis = "no_menarche" if self.category == "child_fnrp" else "natural_menopause"
        last = self.a_date(self.at - self.palette.menopause)
        self.tell(
            "risk_evidence",
            self.at - timedelta(days=40),
            basis=self.mostly(basis, *WORDS["basis"]),
            last_menses_on=self.mostly(last, None),
        )
        self.state_contraception(self.at - self.palette.lead_in)
        for days in self.palette.before:
            self.test(self.at - timedelta(days=days + self.mostly(0, 1, -1)))
        for by, topics in self.palette.course_talks:
            self.talk(self.at - timedelta(hours=5), self.mostly(topics, topics[:-1]), by)
        self.papers(self.at - timedelta(hours=6))
        if self.draw(st.booleans()):
            regularity = self.draw(st.sampled_from(["regular", "irregular", "none"]))
            self.tell("cycle", self.at - timedelta(days=20), regularity=regularity)

    def papers(self, at: datetime) -> None:
        """Forms, views, laboratory results, concerns and a period, as far as the policy knows them."""
        for kind, members in self.palette.papers:
            if self.mostly(True, False):
                changed = {k: self.mostly(v, *self.palette.others(k, v)) for k, v in members.items()}
                self.tell(kind, self.near(at), **changed)

    def state_contraception(self, since: datetime) -> None:
        """A statement, mostly of two good methods."""
        words = self.mostly(self.palette.methods, self.palette.methods[1:], [])
        if self.mostly(False, True):
            words = self.draw(st.lists(st.sampled_from(WORDS["method"]), max_size=4, unique=True))
        methods = [{"method": word, "since": self.a_date(since)} for word in words]
        abstinent = self.mostly(None, self.a_date(since))
        self.tell("contraception", self.near(self.at), methods=methods, abstinent_since=abstinent)

    def test(self, at: datetime) -> None:
        """A pregnancy test, mostly a good negative."""
        at = self.near(at)
        flaw = self.mostly(
            {},
            *({"result": word} for word in WORDS["result"]),
            *({"sensitivity_miu_ml": n} for n in self.palette.sensitivities),
            {"sensitivity_miu_ml": None},
            {"place": "home"},
            {"reporter": "patient"},
            {"specimen": "shared"},
        )
        resulted = at + self.mostly(timedelta(0), timedelta(hours=1), timedelta(days=2))
        specimen = f"s{len(self.facts)}"
        members = {**self.palette.good_test, "specimen": specimen, "resulted_at": resulted, **flaw}
        self.tell("pregnancy_test", at, **members)

    def talk(self, at: datetime, topics: list[str], by: str, rx: str = "") -> None:
        """A conversation."""
        self.tell("counselling", self.near(at), by=by, topics=topics, prescription=rx)

    def cycle(self, number: int) -> None:
        """One prescription from its test to its dispense, each part mostly there."""
        rx, at = f"rx-{number}", self.at
        category = self.mostly(self.category, "adult_male", "child_frp")
        if self.mostly(True, False):
            self.test(at - timedelta(hours=2))
        if self.mostly(True, False):
            self.tell("survey", self.near(at - timedelta(hours=3)), whose="patient")
        on, cycle = self.palette.regimen
        quantity = self.mostly(on, cycle, on + 1, 7)
        self.tell(
            "prescription",
            self.near(at),
            id=rx,
            product=self.mostly(self.palette.product, "aspirin"),
            category=category,
            prescriber="dr-1",
            channel=self.mostly(self.palette.channel, "telephone", "fax"),
            quantity=quantity,
            units_per_day=1,
            days_on=on,
            cycle_days=cycle,
            refills=self.mostly(0, 1),
        )
        if self.mostly(True, False):
            self.tell("survey", at, whose="prescriber", prescription=rx)
        for by, topics in self.palette.rx_talks:
            later = timedelta(hours=2) if by == "pharmacist" else timedelta(0)
            self.talk(at + later, self.mostly(topics, topics[1:]), by, self.mostly(rx, ""))
        if self.palette.statements and self.mostly(True, False):
            said = self.mostly(self.palette.statements, self.palette.statements[1:], self.palette.contradiction)
            self.tell("declaration", self.near(at), prescription=rx, statements=said)
        self.release(rx, category, at)

    def release(self, rx: str, category: str, at: datetime) -> None:
        """Authorization, confirmation, counselling, material and dispense."""
        for item in self.palette.items:
            if self.mostly(True, False):
                self.tell("material", at + timedelta(hours=2), item=item, prescription=rx)
        if self.mostly(True, False):
            self.tell(
                "authorization",
                self.near(at + timedelta(hours=1)),
                id=f"au-{rx}",
                number=f"A{rx}",
                prescription=rx,
                category=category,
            )
        pharmacy = self.mostly("ph-1", "ph-2")
        if self.mostly(True, False):
            self.tell(
                "confirmation",
                self.near(at + timedelta(hours=2)),
                id=f"cn-{rx}",
                number=f"C{rx}",
                authorization=f"au-{rx}",
                prescription=rx,
                pharmacy=pharmacy,
            )
        if self.draw(st.sampled_from([True, True, False])):
            self.tell(
                "dispense",
                self.near(at + timedelta(hours=3)),
                id=f"di-{rx}",
                prescription=rx,
                confirmation=f"cn-{rx}",
                pharmacy=pharmacy,
                handover="shipped",
                days_supply=self.mostly(self.palette.regimen[1], 7, 0),
            )

    def follow(self, days: int) -> None:
        """The tests between two cycles, and things that go wrong meanwhile."""
        every = self.mostly(self.palette.every, 14, 21)
        if self.category.endswith("_frp"):
            for day in range(every, min(days, 61), every):
                self.test(self.at + timedelta(days=day))
        for _ in range(self.draw(st.integers(0, 1 if self.is_calm else 4))):
            self.event()

    def event(self) -> None:
        """Something untidy."""
        at = self.near(self.at + timedelta(days=self.draw(st.integers(-20, 20))))
        kind = self.draw(st.sampled_from(EVENTS))
        if kind == "test":
            self.test(at)
        elif kind == "enrol":
            self.enrol(self.mostly(self.category, *WORDS["category"]))
        elif kind == "statement":
            self.state_contraception(at)
        elif kind == "form":
            self.papers(at)
        elif kind == "talk":
            self.talk(at, ["missed_test", "menses_evaluation"], "prescriber")
        elif kind == "copy":
            self.copy(self.draw(st.sampled_from([f["id"] for f in self.facts])))
        else:
            self.tell(kind, at, **self.members_of(kind))

    def members_of(self, kind: str) -> dict[str, Any]:
        """What an untidy fact says, mostly about something that is there."""

        def one_of(*words: str) -> Any:
            return self.draw(st.sampled_from(words))

        rx, old = f"rx-{self.draw(st.integers(0, 3))}", self.draw(st.sampled_from([f["id"] for f in self.facts]))
        made: dict[str, Callable[[], dict[str, Any]]] = {
            "reversal": lambda: {"dispense": f"di-{rx}"},
            "return_to_stock": lambda: {"of": one_of(f"di-{rx}", f"cn-{rx}", f"au-{rx}")},
            "treatment_change": lambda: {"status": one_of("interrupted", "resumed", "stopped", "resumed")},
            "retraction": lambda: {"corrects": old},
            "report": lambda: {"what": one_of(*WORDS["what"]), "precision": one_of("instant", "day")},
            "hold": lambda: {"cause": one_of("", old)},
            "hold_review": lambda: {
                "of": self.holding(old),
                "actor": one_of("ann", "ben"),
                "outcome": self.mostly("lift", "keep"),
            },
            "authorization_void": lambda: {"authorization": f"au-{rx}"},
            "confirmation_void": lambda: {"confirmation": f"cn-{rx}"},
            "confirmation": lambda: {
                "number": f"S{len(self.facts)}",
                "authorization": f"au-rx-{self.draw(st.integers(0, 3))}",
                "prescription": rx,
                "pharmacy": "ph-1",
            },
            "revocation": lambda: {"subject": "dr-1", "role": "prescriber"},
        }
        return made[kind]()

    def holding(self, otherwise: str) -> str:
        """The newest thing that holds the patient, if there is one."""
        ids = [
            f["id"]
            for f in self.facts
            if f["fact"] == "hold" or f.get("result") == "positive" or f.get("what") == "pregnancy"
        ]
        return ids[-1] if ids else otherwise

    def copy(self, old: str) -> None:
        """A correction that says the same again a little later."""
        fact = next(f for f in self.facts if f["id"] == old)
        later = fact["recorded_at"] + self.draw(st.sampled_from([timedelta(0), timedelta(days=1)]))
        new = f"f{len(self.facts)}"
        self.facts.append({**fact, "id": new, "corrects": old, "recorded_at": later})


@st.composite
def histories(draw: Draw, programme: Programme | None = None) -> tuple[list[Plain], Plain, datetime]:
    """A history, a request about one of its prescriptions, and a moment near something that matters."""
    palette = Palette(programme or load())
    category = draw(st.sampled_from(WORDS["category"] + ["adult_frp"] * 4))
    history = History(draw, draw(st.sampled_from(palette.starts)), category, palette)
    history.calm_or_not()
    history.begin()
    cycles = draw(st.integers(1, 4))
    for number in range(cycles):
        history.calm_or_not()
        asked_at = history.at
        history.cycle(number)
        days = draw(st.sampled_from(palette.gaps))
        history.follow(days)
        history.at += timedelta(days=days)
    step, hours = draw(st.sampled_from([("authorize", 0), ("confirm", 1), ("dispense", 2)]))
    request = {
        "step": step,
        "prescription": draw(st.sampled_from([f"rx-{cycles - 1}"] * 18 + ["rx-0", "rx-9"])),
        "pharmacy": history.mostly("ph-1", ""),
        "pharmacist": history.mostly("pp-1", ""),
        "handover": draw(st.sampled_from(["shipped", "in_person", None])),
    }
    moments = sorted([f["at"] for f in history.facts] + [f["recorded_at"] for f in history.facts])
    its_turn = asked_at + timedelta(hours=hours)
    near = draw(st.one_of(st.just(its_turn), st.sampled_from(moments[-12:]), st.sampled_from(moments)))
    now = near + draw(st.sampled_from([timedelta(0)] * len(palette.shifts) + palette.shifts))
    for fact in history.facts:
        if fact["fact"] == "enrolment" and fact["birth_date"] > fact["recorded_at"].date():
            fact["birth_date"] = date(2000, 1, 1)
    return history.facts, request, now
