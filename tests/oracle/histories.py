"""Draws long, untidy patient histories, because the order of many events hides faults that single facts do not.

Several cycles of prescription, authorization, confirmation and dispense, mixed with reversals, returns, interruptions,
stops, corrections, facts recorded late, missed menses, holds and reviews, and new agreements, around the days on
which clocks change and around leap days. Most cycles are nearly right, so that a yes stays within reach.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.axes import EASTERN, GOOD_TEST
from tests.oracle.axes_care import FIRST, PHARMACY
from tests.oracle.world import SMALLEST, Plain

Draw = Callable[[st.SearchStrategy[Any]], Any]
STARTS = [datetime(2026, 1, 20, 15, tzinfo=UTC), datetime(2026, 9, 20, 15, tzinfo=UTC), datetime(2028, 1, 15, 15, tzinfo=UTC),
          datetime(2024, 2, 15, 5, tzinfo=UTC), datetime(2027, 12, 30, 4, 59, tzinfo=UTC)]  # fmt: skip
SHIFTS = [timedelta(0), SMALLEST, -SMALLEST, timedelta(hours=1), timedelta(hours=24), timedelta(hours=25),
          timedelta(hours=-24), timedelta(days=1), timedelta(days=-1), timedelta(days=7), timedelta(days=-7),
          timedelta(days=14), timedelta(days=28), timedelta(days=365)]  # fmt: skip
WORDS = {
    "result": ["negative", "positive", "indeterminate", "invalid"],
    "what": ["missed_menses", "abnormal_bleeding", "first_menses", "menses_resumed", "pregnancy", "partner_pregnancy"],
    "basis": ["hysterectomy", "natural_menopause", "no_menarche", "infertility", "bilateral_oophorectomy"],
    "method": ["iud_copper", "combined_pill", "male_condom", "diaphragm", "withdrawal", "own_vasectomy"],
    "category": ["adult_frp", "adult_fnrp", "adult_male", "child_frp", "child_fnrp", "child_male"],
    "place": ["laboratory", "clinic", "home"],
}


def mostly(good: Any, *others: Any) -> st.SearchStrategy[Any]:
    """The good value 24 times in 25."""
    return st.sampled_from([good] * 24 * len(others) + list(others))


@dataclass
class History:
    """Facts as they are told, one after another, with the clock that they hang on."""

    draw: Draw
    at: datetime
    category: str
    facts: list[Plain] = field(default_factory=list)

    def tell(self, kind: str, at: datetime, **members: Any) -> Plain:
        """Add a fact; now and then it is recorded late."""
        name = members.pop("id", f"f{len(self.facts)}")
        known = max(at, members.get("resulted_at", at))
        late = self.draw(mostly(timedelta(0), timedelta(minutes=30), timedelta(hours=20), timedelta(days=8)))
        made = {"fact": kind, "id": name, "at": at, "recorded_at": known + late, "actor": "clerk", **members}
        self.facts.append(made)
        return made

    def near(self, moment: datetime) -> datetime:
        """That moment, or nearly, or at the edge of its civil day."""
        kind = self.draw(mostly("exact", "shift", "midnight"))
        if kind == "shift":
            return moment + self.draw(st.sampled_from(SHIFTS))
        if kind == "midnight":
            day = moment.astimezone(EASTERN).date()
            start = datetime(day.year, day.month, day.day, tzinfo=EASTERN).astimezone(UTC)
            return start + self.draw(st.sampled_from([timedelta(0), -SMALLEST]))
        return moment

    def a_date(self, moment: datetime) -> date:
        """The civil date of nearly that moment."""
        return self.near(moment).astimezone(EASTERN).date()

    def enrol(self, category: str) -> None:
        """A new agreement, for nearly the right age, mostly signed."""
        is_child = category.startswith("child_")
        birth = date(2011, 3, 31) if is_child else date(1980, 2, 29)
        if self.draw(mostly(False, True)):
            birth = self.draw(st.sampled_from([date(2008, 2, 29), date(2008, 3, 10), date(2010, 3, 1)]))
        yes = mostly(True, False)
        self.tell("enrolment", self.near(self.at - timedelta(days=1)), category=category, birth_date=birth, prescriber="dr-1",
                  patient_signed=self.draw(yes), guardian_signed=is_child and self.draw(yes), prescriber_signed=self.draw(yes))  # fmt: skip

    def begin(self) -> None:
        """Certifications, agreement, evidence, contraception, first tests and first counselling."""
        long_ago = self.at - timedelta(days=300)
        for role, subject in (("prescriber", "dr-1"), ("pharmacy", "ph-1"), ("pharmacist", "pp-1")):
            expires = self.draw(mostly(self.at + timedelta(days=400), self.at, self.at + timedelta(days=30))).date()
            self.tell("certification", long_ago, subject=subject, role=role, expires_on=expires)
        self.enrol(self.category)
        basis = "no_menarche" if self.category == "child_fnrp" else "natural_menopause"
        last = self.a_date(self.at - timedelta(days=731))
        self.tell("risk_evidence", self.at - timedelta(days=40), basis=self.draw(mostly(basis, *WORDS["basis"])),
                  last_menses_on=self.draw(mostly(last, None)))  # fmt: skip
        self.state_contraception(self.at - timedelta(days=29))
        self.test(self.at - timedelta(days=self.draw(mostly(12, 10, 14, 9, 15))))
        self.talk(self.at - timedelta(hours=5), self.draw(st.sampled_from([FIRST] * 6 + [FIRST[:2]])), "prescriber")
        if self.draw(st.booleans()):
            regularity = self.draw(st.sampled_from(["regular", "irregular", "none"]))
            self.tell("cycle", self.at - timedelta(days=20), regularity=regularity)

    def state_contraception(self, since: datetime) -> None:
        """A statement, mostly of two good methods."""
        words = self.draw(
            mostly(["iud_copper", "male_condom"], ["male_condom"], [])
            if self.draw(mostly(True, False))
            else st.lists(st.sampled_from(WORDS["method"]), max_size=4, unique=True)
        )
        methods = [{"method": word, "since": self.a_date(since)} for word in words]
        abstinent = self.draw(mostly(None, self.a_date(since)))
        self.tell("contraception", self.near(self.at), methods=methods, abstinent_since=abstinent)

    def test(self, at: datetime) -> None:
        """A pregnancy test, mostly a good negative."""
        at = self.near(at)
        flaw = self.draw(mostly({}, *({"result": word} for word in WORDS["result"]),
                                {"sensitivity_miu_ml": 50}, {"sensitivity_miu_ml": 51}, {"sensitivity_miu_ml": None},
                                {"place": "home"}, {"reporter": "patient"}, {"specimen": "shared"}))  # fmt: skip
        resulted = at + self.draw(mostly(timedelta(0), timedelta(hours=1), timedelta(days=2)))
        specimen = f"s{len(self.facts)}"
        members = {**GOOD_TEST, "specimen": specimen, "resulted_at": resulted, **flaw}
        self.tell("pregnancy_test", at, **members)

    def talk(self, at: datetime, topics: list[str], by: str, rx: str = "") -> None:
        """A conversation."""
        self.tell("counselling", self.near(at), by=by, topics=topics, prescription=rx)

    def cycle(self, number: int) -> None:
        """One prescription from its test to its dispense, each part mostly there."""
        rx, at = f"rx-{number}", self.at
        category = self.draw(mostly(self.category, "adult_male", "child_frp"))
        there = mostly(True, False)
        if self.draw(there):
            self.test(at - timedelta(hours=2))
        if self.draw(there):
            self.tell("survey", self.near(at - timedelta(hours=3)), whose="patient")
        quantity = self.draw(mostly(21, 28, 22, 7))
        self.tell("prescription", self.near(at), id=rx, product=self.draw(mostly("lenalidomide", "aspirin")), category=category,
                  prescriber="dr-1", channel=self.draw(mostly("electronic", "telephone")), quantity=quantity,
                  units_per_day=1, days_on=21, cycle_days=28, refills=self.draw(mostly(0, 1)))  # fmt: skip
        if self.draw(there):
            self.tell("survey", at, whose="prescriber", prescription=rx)
        self.talk(at, ["contraception", "emergency_contraception"], "prescriber", self.draw(mostly(rx, "")))
        self.release(rx, category, at)

    def release(self, rx: str, category: str, at: datetime) -> None:
        """Authorization, confirmation, counselling, material and dispense."""
        there = mostly(True, False)
        self.talk(at + timedelta(hours=2), PHARMACY, "pharmacist", rx)
        for item in ("medication_guide", "counselling_checklist"):
            if self.draw(there):
                self.tell("material", at + timedelta(hours=2), item=item, prescription=rx)
        if self.draw(there):
            self.tell("authorization", self.near(at + timedelta(hours=1)), id=f"au-{rx}", number=f"A{rx}", prescription=rx, category=category)  # fmt: skip
        pharmacy = self.draw(mostly("ph-1", "ph-2"))
        if self.draw(there):
            self.tell("confirmation", self.near(at + timedelta(hours=2)), id=f"cn-{rx}", number=f"C{rx}",
                      authorization=f"au-{rx}", prescription=rx, pharmacy=pharmacy)  # fmt: skip
        if self.draw(st.sampled_from([True, True, False])):
            self.tell("dispense", self.near(at + timedelta(hours=3)), id=f"di-{rx}", prescription=rx, confirmation=f"cn-{rx}",
                      pharmacy=pharmacy, handover="shipped", days_supply=self.draw(mostly(28, 7, 0)))  # fmt: skip

    def event(self) -> None:
        """Something untidy."""
        at = self.near(self.at + timedelta(days=self.draw(st.integers(-20, 20))))
        old = self.draw(st.sampled_from([f["id"] for f in self.facts]))
        rx = f"rx-{self.draw(st.integers(0, 3))}"
        kind = self.draw(st.sampled_from(["reversal", "return_to_stock", "treatment_change", "treatment_change", "retraction", "report",
                                          "hold", "hold_review", "hold_review", "authorization_void", "confirmation_void", "revocation",
                                          "test", "test", "enrol", "contraception", "talk", "resume", "copy"]))  # fmt: skip
        simple: dict[str, dict[str, Any]] = {
            "reversal": {"dispense": f"di-{rx}"},
            "return_to_stock": {"of": self.draw(st.sampled_from([f"di-{rx}", f"cn-{rx}", f"au-{rx}"]))},
            "treatment_change": {"status": self.draw(st.sampled_from(["interrupted", "resumed", "stopped"]))},
            "retraction": {"corrects": old},
            "report": {
                "what": self.draw(st.sampled_from(WORDS["what"])),
                "precision": self.draw(mostly("instant", "day")),
            },
            "hold": {"cause": self.draw(st.sampled_from(["", old]))},
            "hold_review": {
                "of": self.holding(old),
                "actor": self.draw(st.sampled_from(["ann", "ben"])),
                "outcome": self.draw(mostly("lift", "keep")),
            },
            "authorization_void": {"authorization": f"au-{rx}"},
            "confirmation_void": {"confirmation": f"cn-{rx}"},
            "revocation": {"subject": "dr-1", "role": "prescriber"},
            "resume": {"status": "resumed"},
        }
        if kind == "test":
            self.test(at)
        elif kind == "enrol":
            self.enrol(self.draw(mostly(self.category, *WORDS["category"])))
        elif kind == "contraception":
            self.state_contraception(at)
        elif kind == "talk":
            self.talk(at, ["missed_test", "menses_evaluation"], "prescriber")
        elif kind == "copy":
            self.copy(old)
        else:
            self.tell("treatment_change" if kind == "resume" else kind, at, **simple[kind])

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
def histories(draw: Draw) -> tuple[list[Plain], Plain, datetime]:
    """A history, a request about one of its prescriptions, and a moment near something that matters."""
    start = draw(st.sampled_from(STARTS))
    history = History(draw, start, draw(st.sampled_from(WORDS["category"] + ["adult_frp"] * 4)))
    history.begin()
    cycles = draw(st.integers(1, 4))
    for number in range(cycles):
        history.cycle(number)
        for _ in range(draw(st.integers(0, 3))):
            history.event()
        history.at += timedelta(days=draw(st.sampled_from([7, 14, 21, 21, 27, 28, 28, 29, 60, 393])))
    request = {
        "step": draw(st.sampled_from(["authorize", "confirm", "dispense"])),
        "prescription": draw(mostly(f"rx-{cycles - 1}", "rx-0", "rx-9")),
        "pharmacy": draw(mostly("ph-1", "")), "pharmacist": draw(mostly("pp-1", "")),
        "handover": draw(st.sampled_from(["shipped", "in_person", None])),
    }  # fmt: skip
    moments = [f["at"] for f in history.facts] + [f["recorded_at"] for f in history.facts]
    near = draw(st.sampled_from(sorted(moments)[-12:]) if draw(st.booleans()) else st.sampled_from(sorted(moments)))
    now = near + draw(st.sampled_from(SHIFTS))
    for fact in history.facts:
        if fact["fact"] == "enrolment" and fact["birth_date"] > fact["recorded_at"].date():
            fact["birth_date"] = date(2000, 1, 1)
    return history.facts, request, now
