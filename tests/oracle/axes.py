"""The abstract state space: for each thing that can matter, the classes of facts that a rule could tell apart.

Every boundary is a class of its own: one microsecond on either side where hours or instants count, one day where days
do. Class 0 of every axis is the good one, in which its requirements are met. Times hang on `now`, so that the same
classes fall on a plain day, on both changes of clocks, and around the leap day.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.world import SMALLEST, Plain

EASTERN = ZoneInfo("America/New_York")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
CATEGORIES = ("adult_frp", "adult_fnrp", "adult_male", "child_frp", "child_fnrp", "child_male", "unenrolled")
STEPS = ("authorize", "confirm", "dispense")
ANCHORS = {
    "a plain afternoon": datetime(2026, 7, 15, 18, 30, tzinfo=UTC),
    "clocks go forward": datetime(2026, 3, 8, 18, 30, tzinfo=UTC),
    "first instant after the long day": datetime(2026, 11, 2, 5, 0, tzinfo=UTC),
    "first instant of 1 March": datetime(2026, 3, 1, 5, 0, tzinfo=UTC),
    "leap day": datetime(2028, 2, 29, 17, 0, tzinfo=UTC),
}


@dataclass(frozen=True)
class Setting:
    """What all axes hang on: category, step, moment, and whether the prescription is known."""

    category: str
    step: str
    anchor: str
    rx_known: bool

    @property
    def now(self) -> datetime:
        """The moment asked about."""
        return ANCHORS[self.anchor]

    @property
    def today(self) -> date:
        """The civil day of now."""
        return self.now.astimezone(EASTERN).date()

    @property
    def rx_at(self) -> datetime:
        """When the prescription was issued."""
        return self.now - 3 * HOUR

    @property
    def test_at(self) -> datetime:
        """When the newest good test was collected."""
        return self.rx_at - HOUR

    @property
    def strict(self) -> str:
        """The category whose requirements are asked."""
        return "adult_frp" if self.category == "unenrolled" else self.category

    @property
    def off(self) -> date:
        """The day off treatment from which an agreement lapses today."""
        try:
            return self.today.replace(year=self.today.year - 1)
        except ValueError:
            return date(self.today.year - 1, 2, 28)

    def start(self, day: date) -> datetime:
        """The first instant of a civil day."""
        return datetime(day.year, day.month, day.day, tzinfo=EASTERN).astimezone(UTC)

    def ago(self, days: int) -> datetime:
        """The morning so many days ago, or now."""
        return min(self.now, self.start(self.today - days * DAY) + 9 * HOUR)


@dataclass(frozen=True)
class State:
    """One class of one axis: its name, the facts it brings, and what it changes in the request."""

    name: str
    facts: tuple[Plain, ...] = ()
    request: tuple[tuple[str, Any], ...] = ()


def fact(kind: str, name: str, at: datetime, **members: Any) -> Plain:
    """Make a plain fact, recorded when it was true unless said otherwise."""
    return {"fact": kind, "id": name, "at": at, "recorded_at": at, "actor": "clerk", **members}


GOOD_TEST: Plain = {
    "result": "negative",
    "sensitivity_miu_ml": 25,
    "test_kind": "serum",
    "place": "laboratory",
    "reporter": "laboratory",
}


def a_test(name: str, at: datetime, **members: Any) -> Plain:
    """A pregnancy test, good unless said otherwise, known as soon as it resulted."""
    made = {"specimen": f"sp-{name}", "resulted_at": at, **GOOD_TEST, **members}
    made.setdefault("recorded_at", made["resulted_at"])
    return fact("pregnancy_test", name, at, **made)


REGIMENS = [
    (21, 1, 21, 28),
    (28, 1, 28, 28),
    (29, 1, 28, 28),
    (20, 1, 21, 28),
    (22, 1, 21, 28),
    (56, 2, 28, 28),
    (57, 2, 28, 28),
]


def prescriptions(s: Setting) -> list[State]:
    """Channel, product, category, regimen and refills of the prescription."""
    if not s.rx_known:
        return [State("no prescription")]
    other = "adult_male" if s.strict != "adult_male" else "adult_frp"
    channels = ("electronic", "written", "fax", "telephone")
    made = []
    for channel, product, category, regimen, refills in itertools.product(
        channels, ("lenalidomide", "aspirin"), (s.strict, other), REGIMENS, (0, 1)
    ):
        members = dict(zip(("quantity", "units_per_day", "days_on", "cycle_days"), regimen, strict=True))
        rx = fact("prescription", "rx-1", s.rx_at, product=product, category=category, prescriber="dr-1",
                  channel=channel, refills=refills, **members)  # fmt: skip
        made.append(State(f"{channel} {product} {category} {regimen} refills {refills}", (rx,)))
    return made


def enrolments(s: Setting) -> list[State]:
    """Signatures, age and time of the agreement."""
    if s.category == "unenrolled":
        return [State("not enrolled")]
    is_child = s.category.startswith("child_")
    this_year = s.today.replace(year=s.today.year - 18) if (s.today.month, s.today.day) != (2, 29) else None
    eighteen_today = this_year or date(s.today.year - 18, 3, 1) - DAY
    births = [
        date(2015, 5, 5) if is_child else date(1960, 5, 5),
        eighteen_today,
        eighteen_today - DAY,
        eighteen_today + DAY,
        date(2008, 2, 29),
        date(1960, 5, 5) if is_child else date(2015, 5, 5),
    ]
    times = [s.rx_at, s.rx_at + SMALLEST, s.start(s.off) - SMALLEST, s.start(s.off), s.now - 900 * DAY]
    signed = list(itertools.product((True, False), repeat=3))
    if s.rx_at.astimezone(EASTERN).date() == s.today:
        times.append(s.start(s.today))
    made = []
    for birth, at, (patient, guardian, prescriber) in itertools.product(births, times, signed):
        if birth <= at.date():
            enrolment = fact(
                "enrolment",
                "en-1",
                at,
                category=s.category,
                birth_date=birth,
                prescriber="dr-1",
                patient_signed=patient,
                guardian_signed=guardian,
                prescriber_signed=prescriber,
            )
            made.append(State(f"born {birth} signed {patient, guardian, prescriber} at {at}", (enrolment,)))
    return made


def certifications(role: str, subject: str) -> Callable[[Setting], list[State]]:
    """Whether who acts is certified, with the last day and revocations around it."""

    def states(s: Setting) -> list[State]:
        at = s.now - 200 * DAY

        def cert(name: str, when: datetime, expires: date, who: str = subject) -> Plain:
            return fact("certification", f"{role}-{name}", when, subject=who, role=role, expires_on=expires)

        def revoked(when: datetime, who: str = subject) -> Plain:
            return fact("revocation", f"{role}-revoked", when, subject=who, role=role)

        good, far = cert("good", at, s.today + 100 * DAY), s.today + 50 * DAY
        return [
            State("certified", (good,)),
            State("never certified"),
            State("last day today", (cert("today", at, s.today),)),
            State("last day yesterday", (cert("yesterday", at, s.today - DAY),)),
            State("revoked at the same instant", (good, revoked(at))),
            State("revoked just before", (good, revoked(at - SMALLEST))),
            State("revoked later", (good, revoked(s.now))),
            State("renewed after revocation", (good, revoked(at + DAY), cert("again", at + 2 * DAY, far))),
            State("another is certified", (cert("other", at, far, "someone-else"),)),
            State("another is revoked", (good, revoked(s.now, "someone-else"))),
            State("renewed to an earlier day", (good, cert("short", at + DAY, s.today - DAY))),
        ]

    return states


def evidences(s: Setting) -> list[State]:
    """Why there is no reproductive potential."""
    at = s.now - 30 * DAY

    def one(basis: str, when: datetime = at, **members: Any) -> Plain:
        return fact("risk_evidence", f"ev-{basis}-{when.timestamp()}", when, basis=basis, **members)

    try:
        two_years = s.today.replace(year=s.today.year - 2)
    except ValueError:
        two_years = date(s.today.year - 2, 2, 28)
    accepted = "no_menarche" if s.category.startswith("child_") else "hysterectomy"
    lasts = [two_years, two_years + DAY, two_years - DAY, two_years + 31 * DAY]
    bases = ["hysterectomy", "bilateral_oophorectomy", "no_menarche", "chemotherapy_amenorrhoea", "tubal_ligation",
             "infertility", "other", "natural_menopause"]  # fmt: skip
    return [
        State(accepted, (one(accepted),)),
        State("none"),
        *(State(basis, (one(basis),)) for basis in bases if basis != accepted),
        *(State(f"menopause, last {last}", (one("natural_menopause", last_menses_on=last),)) for last in lasts),
        State("a worse one is newer", (one("hysterectomy", at - DAY), one("infertility"))),
        State("a worse one is older", (one("infertility", at - DAY), one("hysterectomy"))),
    ]


def holds(s: Setting) -> list[State]:
    """What holds the patient, and who reviewed it."""
    at = s.now - 60 * DAY
    bad_test = a_test("held-test", at, result="positive")
    report = fact("report", "held-report", at, what="pregnancy")
    hold = fact("hold", "held", at)

    def review(of: str, who: str, outcome: str = "lift", when: datetime = s.now) -> Plain:
        made = fact("hold_review", f"rv-{of}-{who}-{outcome}-{when.timestamp()}", when, of=of, outcome=outcome)
        return {**made, "actor": who}

    made = [State("not held"), State("a partner", (fact("report", "p", at, what="partner_pregnancy"),))]
    for cause in (hold, report, bad_test):
        of = cause["id"]
        one, two = review(of, "ann"), review(of, "ben")
        made += [
            State(f"{of}", (cause,)),
            State(f"{of}, one review", (cause, one)),
            State(f"{of}, one reviewer twice", (cause, one, review(of, "ann", "lift", at))),
            State(f"{of}, lifted", (cause, one, two)),
            State(f"{of}, lifted at once", (cause, review(of, "ann", "lift", at), review(of, "ben", "lift", at))),
            State(f"{of}, reviewed too early", (cause, one, review(of, "ben", "lift", at - SMALLEST))),
            State(f"{of}, one keeps", (cause, one, two, review(of, "cy", "keep"))),
            State(f"{of}, changed to lift", (cause, one, two, review(of, "ann", "keep", s.now - DAY))),
            State(f"{of}, changed to keep", (cause, review(of, "ann", "lift", at), two, review(of, "ann", "keep"))),
            State(f"{of}, retracted", (cause, fact("retraction", "rt", s.now, corrects=of))),
        ]
    caused = [fact("hold", f"by-{c['id']}", at, cause=c["id"]) for c in (report, bad_test)]
    both = (report, bad_test, *caused, review("held-report", "ann"), review("held-report", "ben"))
    return [
        *made,
        State("two causes, one lifted", both),
        State("two causes, both lifted", (*both, review("held-test", "ann"), review("held-test", "ben"))),
        State("a cause nobody knows", (fact("hold", "h9", at, cause="nothing"),)),
    ]


def cycles(s: Setting) -> list[State]:
    """How regular the cycle is."""
    at = s.now - 100 * DAY
    says = {word: fact("cycle", f"cy-{word}", at, regularity=word) for word in ("regular", "none")}
    later = fact("cycle", "cy-later", at + DAY, regularity="irregular")
    return [
        State("regular", (says["regular"],)),
        State("not stated"),
        State("none", (says["none"],)),
        State("no longer regular", (says["regular"], later)),
    ]


def talk(name: str, at: datetime, topics: list[str], by: str = "prescriber", rx: str = "") -> Plain:
    """A counselling conversation."""
    return fact("counselling", name, at, by=by, topics=topics, prescription=rx)


def missed_talks(s: Setting) -> list[State]:
    """Counselling on a missed test, around the days of tests that can have come too late."""
    late = [s.start(s.today - days * DAY) for days in (7, 0)]
    times = [s.now, *itertools.chain.from_iterable((at - SMALLEST, at) for at in late)]
    return [
        State("none"),
        *(State(f"at {at}", (talk("missed", at, ["missed_test"]),)) for at in times),
        State("by the pharmacist", (talk("missed", s.now, ["missed_test"], "pharmacist"),)),
    ]


def menses(s: Setting) -> list[State]:
    """Reports of menses and bleeding, and how they were evaluated."""
    test, evidence, two_ago = s.test_at, s.now - 30 * DAY, s.start(s.today - 2 * DAY)

    def told(at: datetime, what: str = "missed_menses", **members: Any) -> Plain:
        return fact("report", f"re-{what}-{at.timestamp()}", at, what=what, **members)

    def heard(at: datetime, by: str = "prescriber") -> Plain:
        return talk("heard", at, ["menses_evaluation"], by)

    day_known = told(two_ago, precision="day")
    return [
        State("no report"),
        State("not evaluated", (told(test),)),
        State("evaluated at once", (told(test), heard(test))),
        State("the test is too old", (told(test + SMALLEST), heard(s.now))),
        State("the talk is too old", (told(test), heard(test - SMALLEST))),
        State("bleeding evaluated", (told(test - SMALLEST, "abnormal_bleeding"), heard(s.now))),
        State("heard by the pharmacist", (told(test), heard(s.now, "pharmacist"))),
        State("a day is known, evaluated", (day_known, heard(two_ago + DAY))),
        State("a day is known, too soon", (day_known, heard(s.start(s.today - DAY) - SMALLEST))),
        State("a day is known, just so", (day_known, heard(s.start(s.today - DAY)))),
        State("today is known", (told(s.start(s.today), precision="day"), heard(s.now))),
        State("one is newer", (told(test - DAY), heard(test), told(s.now, "abnormal_bleeding"))),
        State("first menses just before the evidence", (told(evidence - SMALLEST, "first_menses"),)),
        State("first menses with the evidence", (told(evidence, "first_menses"),)),
        State("menses resumed", (told(s.now, "menses_resumed"),)),
        State("missed before the evidence", (told(evidence - SMALLEST), heard(s.now))),
        State("bleeding after the evidence", (told(evidence + SMALLEST, "abnormal_bleeding"), heard(s.now))),
    ]
