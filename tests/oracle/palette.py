"""What a random history is drawn from: the policy's own words and numbers, with some others beside them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.oracle.axes_care import CONTRACEPTION, METHODS
from tests.oracle.axes_tests import SCHEDULE_DAYS, SCHEDULES, STANDARDS
from tests.oracle.programme import Programme
from tests.oracle.settings import good_test
from tests.oracle.spans import SMALLEST, days_in
from tests.oracle.world import Plain, rules_of

STARTS = [
    datetime(2026, 1, 20, 15, tzinfo=UTC),
    datetime(2026, 9, 20, 15, tzinfo=UTC),
    datetime(2028, 1, 15, 15, tzinfo=UTC),
    datetime(2024, 2, 15, 5, tzinfo=UTC),
    datetime(2027, 12, 30, 4, 59, tzinfo=UTC),
]
SHIFTS = [
    timedelta(0),
    SMALLEST,
    -SMALLEST,
    timedelta(hours=1),
    timedelta(hours=24),
    timedelta(hours=25),
    timedelta(hours=-24),
    timedelta(days=1),
    timedelta(days=-1),
    timedelta(days=7),
    timedelta(days=-7),
    timedelta(days=14),
    timedelta(days=28),
    timedelta(days=365),
]
WORDS = {
    "result": ["negative", "positive", "indeterminate", "invalid"],
    "what": ["missed_menses", "abnormal_bleeding", "first_menses", "menses_resumed", "pregnancy", "partner_pregnancy",
             "period_started"],
    "basis": ["hysterectomy", "natural_menopause", "no_menarche", "infertility", "bilateral_oophorectomy"],
    "method": ["iud_copper", "combined_pill", "male_condom", "diaphragm", "withdrawal", "own_vasectomy"],
    "category": ["adult_frp", "adult_fnrp", "adult_male", "child_frp", "child_fnrp", "child_male"],
}  # fmt: skip
PAPERS: dict[str, tuple[str, str]] = {
    "acknowledged": ("acknowledgement", "form"),
    "signed": ("acknowledgement", "form"),
    "lab_known": ("lab_result", "panel"),
    "lab_schedule": ("lab_result", "panel"),
    "lab_at_least": ("lab_result", "panel"),
    "considered": ("assessment", "concern"),
}
_DAYS = re.compile(r"P(\d+)D")


class Palette:
    """The words and numbers of one policy, from which histories that nearly meet it are told."""

    def __init__(self, programme: Programme) -> None:
        plain, self.programme = programme.plain, programme
        self.zone, self.product = programme.zone, plain["products"][0]
        self.channel = [*plain.get("prescription", {}).get("channels", []), "electronic"][0]
        self.good_test = good_test(plain)
        sensitive = [plain[name]["least_sensitive"] for name in STANDARDS if name in plain] or [50]
        self.sensitivities = sorted({n + by for n in sensitive for by in (0, 1)})
        self.starts = [s for s in STARTS if self.in_force(s)] or [anchor.now for anchor in programme.anchors.values()]
        numbers = sorted({int(n) for n in _DAYS.findall(str(rules_of(plain)))})
        self.shifts = [*SHIFTS, *(timedelta(days=n + by) for n in numbers[:12] for by in (0, 1))]
        most = min((r["at_most"] for r in programme.rules("days_supply")), default=28)
        self.regimen = next(
            ((r["days_on"], r["cycle_days"]) for r in programme.rules("regimen")), (most * 3 // 4, most)
        )
        self.gaps = [7, 14, 21, 21, 21, 27, 28, 28, 29, 60, 393, *(n for n in numbers if n < 400), most, most - 5]
        every = [days_in(r[m]) for r in programme.rules(*SCHEDULES) for m in SCHEDULE_DAYS if m in r]
        self.every = min(every, default=7)
        self.births = self.birthdays(programme)
        months = [r["menopause_months"] for r in programme.rules("risk_evidence", "risk_evidence_by_age")]
        self.menopause = timedelta(days=max([int(m[1:-1]) * 731 // 24 for m in months if m != "none"], default=731))
        self.before = self.days_before(programme)
        self.contraception(programme)
        self.talks(programme)
        self.forms(programme)

    def in_force(self, moment: datetime) -> bool:
        """Whether the policy is in force at that moment and for a while."""
        ends = self.programme.ends
        return self.programme.starts <= moment and (ends is None or moment + timedelta(days=200) < ends)

    def birthdays(self, programme: Programme) -> list[date]:
        """Birthdays on which somebody reaches an age that a rule names, in some year of a history."""
        ages = [r[m] for r in rules_of(programme.plain) for m in ("adult_age", "under_age", "menopause_age") if m in r]
        found = [
            date(s.year - age, m, d) for s in self.starts[:3] for age in ages for m, d in ((3, 1), (3, 10), (10, 2))
        ]
        return [*found, date(2008, 2, 29)]

    def days_before(self, programme: Programme) -> list[int]:
        """How many days before the prescription tests must have been."""
        windows = [(days_in(r["youngest"]) + days_in(r["oldest"])) // 2 for r in programme.rules("test_days_before")]
        return sorted(
            {*windows, *(days_in(r["at_least"]) for r in programme.rules("tests_apart", "test_before_lead_in"))}
        )

    def contraception(self, programme: Programme) -> None:
        """Methods that meet the first rule, and for how long."""
        rules = programme.rules(*CONTRACEPTION)
        high = [m for m in METHODS for r in rules[:1] if m in r["highly_effective"]]
        more = [m for m in ("male_condom", *METHODS) for r in rules[:1] if m in r["additional"]]
        self.methods = [*high[:1], *more[:1], *(m for r in rules for m in r.get("urgent_also", [])[:1])] or [
            "male_condom"
        ]
        self.lead_in = timedelta(days=max([days_in(r["lead_in"]) for r in rules], default=28) + 1)

    def talks(self, programme: Programme) -> None:
        """The conversations of a course and of a prescription, and the items that go with it."""
        rules = programme.rules("counselling")
        self.course_talks = [(r["by"], r["topics"]) for r in rules if not r["each_prescription"]]
        self.rx_talks = [(r["by"], r["topics"]) for r in rules if r["each_prescription"]]
        self.items = [r["item"] for r in programme.rules("material")]

    def forms(self, programme: Programme) -> None:
        """Declarations, and what else the rules want to see on paper."""
        rules = programme.rules("declared")
        either = [word for r in rules for word in r["exactly_one_of"]]
        self.statements = list(dict.fromkeys([*(word for r in rules for word in r["statements"]), *either[:1]]))
        self.contradiction = [*self.statements, *either[1:2]]
        floors = {r["panel"]: r["at_least"] for r in programme.rules("lab_at_least")}
        made: list[tuple[str, Plain]] = []
        for rule in programme.rules(*PAPERS):
            kind, member = PAPERS[rule["kind"]]
            made.append((kind, {member: rule[member]}))
        for rule in programme.rules("independent_reviews"):
            made += [
                ("independent_review", {"reviewer": f"rev-{n}", "supports": True}) for n in range(rule["reviewers"])
            ]
        for rule in programme.rules("no_rechallenge"):
            made.append(("assessment", {"concern": "reaction_history"}))
            bad = {"reaction": "neutropenia", "product": rule["to_products"][0], "grade": rule["from_grade"]}
            made.append(("adverse_reaction", bad))
        self.papers = [(kind, {**self.rest(kind, members, floors), **members}) for kind, members in made]
        if programme.rules("test_in_period"):
            self.papers += [("report", {"what": "period_started"}), ("cycle", {"regularity": "regular"})]
        self.reactions = [w for r in programme.rules("no_rechallenge") for w in (*r["reactions"], *r["graded"])]

    @staticmethod
    def rest(kind: str, members: Plain, floors: dict[str, int]) -> Plain:
        """The other members of a fact of that kind."""
        if kind == "acknowledgement":
            return {"patient_signed": True, "prescriber_signed": True}
        return {"value": floors.get(members["panel"], 1)} if kind == "lab_result" else {}

    def others(self, member: str, value: Any) -> list[Any]:
        """Other values of a member, so that a paper is not always right."""
        if isinstance(value, bool):
            return [not value]
        if member in ("value", "grade"):
            return [value - 1, None] if value > 1 else [None]
        return self.reactions if member == "reaction" else [value]
