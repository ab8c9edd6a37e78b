"""The second half of the abstract state space: tests, contraception, conversations, surveys, numbers and supply."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

from tests.oracle.axes import (
    DAY,
    EASTERN,
    HOUR,
    Setting,
    State,
    a_test,
    certifications,
    cycles,
    enrolments,
    evidences,
    fact,
    holds,
    menses,
    missed_talks,
    prescriptions,
    talk,
)
from tests.oracle.world import SMALLEST, Plain

TEST_DAYS_AGO = [
    (), (21,), (14,), (7,), (0,), (14, 7), (14, 7, 1), (13, 7, 0), (14, 6, 0), (15, 8), (15, 8, 0), (14, 0),
    (7, 0), (20, 13, 6), (28, 14, 7), (21, 7, 0), (21, 7), (21, 6), (21, 8), (28, 14, 0), (28, 0), (29, 1),
    (28, 13), (35, 28, 21, 14, 7, 0), (42, 35, 28, 21, 14, 7, 0), (22, 15, 8, 1), (21, 14, 0),
    (49, 42, 35, 28, 21, 13, 0),
]  # fmt: skip


def pregnancy_tests(s: Setting) -> list[State]:
    """Pregnancy tests: the two windows before the prescription, the quality of a test, and the schedule."""
    rx, good = s.rx_at, s.test_at
    rx_day = rx.astimezone(EASTERN).date()
    weekly = (a_test("t-14", s.ago(14)), a_test("t-7", s.ago(7)))
    made = [State("weekly and today", (*weekly, a_test("t-0", good)))]
    firsts: list[int | None] = [10, 9, 14, 15, None]
    seconds: dict[str, Plain | None] = {
        "an hour before": a_test("t-0", good),
        "24 hours before": a_test("t-0", rx - 24 * HOUR),
        "just over 24 hours": a_test("t-0", rx - 24 * HOUR - SMALLEST),
        "with the prescription": a_test("t-0", rx),
        "just after it": a_test("t-0", rx + SMALLEST),
        "resulted after it": a_test("t-0", good, resulted_at=rx + SMALLEST),
        "none": None,
    }
    for gap, (name, second) in itertools.product(firsts, seconds.items()):
        first = [] if gap is None else [a_test("t-1", s.start(rx_day - gap * DAY) + 9 * HOUR)]
        made.append(State(f"{gap} days before; {name}", (*first, *([second] if second else []))))
    edges = [
        ("last instant of day 9", s.start(rx_day - 9 * DAY)),
        ("last instant of day 10", s.start(rx_day - 9 * DAY) - SMALLEST),
        ("first instant of day 14", s.start(rx_day - 14 * DAY)),
        ("last instant of day 15", s.start(rx_day - 14 * DAY) - SMALLEST),
    ]
    made += [State(name, (a_test("t-1", at), a_test("t-0", good))) for name, at in edges]
    made.append(
        State("first resulted late", (a_test("t-1", s.ago(12), resulted_at=rx + SMALLEST), a_test("t-0", good)))
    )
    made += [State(name, (*weekly, *more)) for name, more in qualities(s).items()]
    made += [State(f"days ago {days}", tuple(a_test(f"t{d}", s.ago(d)) for d in days)) for days in TEST_DAYS_AGO]
    return made


def qualities(s: Setting) -> dict[str, tuple[Plain, ...]]:
    """What can be wrong with the newest test, or stand beside it."""
    good = s.test_at

    def flawed(**members: Any) -> Plain:
        return a_test("t-0", good, **members)

    def beside(at: datetime, **members: Any) -> Plain:
        return a_test("beside", at, **members)

    twin = {"specimen": "sp-t-0"}
    return {
        "sensitivity 50": (flawed(sensitivity_miu_ml=50),),
        "sensitivity 51": (flawed(sensitivity_miu_ml=51),),
        "sensitivity not stated": (flawed(sensitivity_miu_ml=None),),
        "urine": (flawed(test_kind="urine"),),
        "at home": (flawed(place="home", reporter="prescriber"),),
        "the patient says": (flawed(place="home", reporter="patient"),),
        "in the clinic": (flawed(place="clinic", reporter="pharmacist"),),
        "two of one specimen": (flawed(), beside(s.now, **twin)),
        "corrected": (flawed(), {**beside(good, **twin), "corrects": "t-0", "recorded_at": s.now}),
        "corrected to positive": (flawed(), {**beside(good, result="positive", **twin), "corrects": "t-0"}),
        "retracted": (flawed(), fact("retraction", "rt-t", s.now, corrects="t-0")),
        "recorded late": ({**flawed(), "recorded_at": s.now},),
        "recorded tomorrow": ({**flawed(), "recorded_at": s.now + SMALLEST},),
        "indeterminate with it": (flawed(), beside(good, result="indeterminate")),
        "indeterminate before it": (flawed(), beside(good - SMALLEST, result="indeterminate")),
        "invalid after it": (flawed(), beside(good + SMALLEST, result="invalid")),
        "positive with it": (flawed(), beside(good, result="positive")),
        "positive before it": (flawed(), beside(good - SMALLEST, result="positive")),
        "indeterminate": (flawed(result="indeterminate"),),
    }  # fmt: skip


def contraceptions(s: Setting) -> list[State]:
    """Methods, tiers, lead-in and abstinence."""
    past, due = s.today - 100 * DAY, s.today - 28 * DAY

    def states(name: str, *methods: tuple[str, date], at: datetime | None = None, since: date | None = None) -> State:
        listed = [{"method": method, "since": day} for method, day in methods]
        when = at or s.now - HOUR
        return State(name, (fact("contraception", "co-1", when, methods=listed, abstinent_since=since),))

    iud, condom = ("iud_copper", past), ("male_condom", past)
    newer = states("one is newer", iud, at=s.now).facts[0] | {"id": "co-newer"}
    return [
        states("two methods", iud, condom),
        State("no statement"),
        states("nothing"),
        states("one method", iud),
        states("condom alone", condom),
        states("no highly effective", condom, ("diaphragm", past)),
        states("two highly effective", iud, ("hormonal_implant", past)),
        states("an unaccepted second", iud, ("withdrawal", past)),
        states("an own vasectomy", ("own_vasectomy", past), ("progestogen_only_pill", past)),
        states("both 28 days", ("iud_copper", due), ("male_condom", due)),
        states("one 27 days", iud, ("male_condom", due + DAY)),
        states("one 29 days", iud, ("male_condom", due - DAY)),
        states("both 27 days", ("iud_copper", due + DAY), ("male_condom", due + DAY)),
        states("a third is younger", iud, condom, ("cervical_cap", s.today)),
        states("the good one is younger", condom, ("diaphragm", past), ("iud_copper", due + 5 * DAY)),
        states("from today", ("iud_copper", s.today), ("male_condom", s.today)),
        states("from tomorrow", ("iud_copper", s.today + DAY), ("male_condom", s.today + DAY)),
        states("abstinent 28 days", since=due),
        states("abstinent 27 days", since=due + DAY),
        states("abstinent from today", since=s.today),
        states("abstinent from tomorrow", since=s.today + DAY),
        states("abstinent later than the methods", iud, condom, since=s.today),
        states("abstinent, and one method", iud, since=due + DAY),
        State("a statement replaces", (states("two methods", iud, condom).facts[0], newer)),
    ]  # fmt: skip


FIRST = ["benefits_and_risks", "boxed_warning", "survey_duty"]
PHARMACY = ["benefits_and_risks", "no_sharing", "no_blood_donation", "intact_capsules", "dose_and_administration",
            "read_materials", "comply_with_programme"]  # fmt: skip


def first_talks(s: Setting) -> list[State]:
    """Counselling before the first prescription, around the prescription and around stops."""
    rx = s.rx_at
    stop = s.ago(15)
    return [
        State("all", (talk("f", rx, FIRST),)),
        State("none"),
        State("just after the prescription", (talk("f", rx + SMALLEST, FIRST),)),
        State("in two parts", (talk("f1", rx, FIRST[:2]), talk("f2", s.ago(3), FIRST[2:]))),
        State("a topic is missing", (talk("f", rx, FIRST[:2]),)),
        State("a part is late", (talk("f1", rx, FIRST[:2]), talk("f2", s.now, FIRST[2:]))),
        State("by the pharmacist", (talk("f", rx, FIRST, "pharmacist"),)),
        State("with the stop", (talk("f", stop, FIRST),)),
        State("just after the stop", (talk("f", stop + SMALLEST, FIRST),)),
        State("before every stop", (talk("f", s.ago(700), FIRST),)),
        State("for another prescription", (talk("f", rx, FIRST, rx="rx-2"),)),
    ]


def rx_talks(topics: list[str], by: str, name: str) -> Any:
    """Counselling for each prescription."""

    def states(s: Setting) -> list[State]:
        at, other = s.now - HOUR, "pharmacist" if by == "prescriber" else "prescriber"
        parts = (talk(f"{name}1", at, topics[:1], by, "rx-1"), talk(f"{name}2", at, topics[1:], by, "rx-1"))
        return [
            State("all", (talk(name, at, topics, by, "rx-1"),)),
            State("none"),
            State("for another prescription", (talk(name, at, topics, by, "rx-2"),)),
            State("for none", (talk(name, at, topics, by),)),
            State("in two parts", parts),
            State("a topic is missing", parts[1:]),
            State("by the other", (talk(name, at, topics, other, "rx-1"),)),
            State("later", (talk(name, s.now + SMALLEST, topics, by, "rx-1"),)),
        ]

    return states


def materials(item: str) -> Any:
    """Whether the item was recorded."""

    def states(s: Setting) -> list[State]:
        def given(rx: str, at: datetime = s.now) -> Plain:
            return fact("material", f"m-{item}", at, item=item, prescription=rx)

        return [
            State("given", (given("rx-1"),)),
            State("not given"),
            State("for another prescription", (given("rx-2"),)),
            State("in a moment", (given("rx-1", s.now + SMALLEST),)),
        ]

    return states


def surveys(whose: str) -> Any:
    """The prescriber's or the patient's survey, at the ends of one and of six months."""

    def states(s: Setting) -> list[State]:
        def done(at: datetime, rx: str = "") -> State:
            return State(f"at {at} for {rx}", (fact("survey", f"su-{whose}", at, whose=whose, prescription=rx),))

        if whose == "prescriber":
            return [
                done(s.rx_at, "rx-1"),
                State("none"),
                done(s.rx_at, "rx-2"),
                done(s.rx_at),
                done(s.now + SMALLEST, "rx-1"),
            ]
        made = [done(s.now - HOUR), State("none")]
        for months, around in ((1, 3), (6, 3)):
            month = s.today.year * 12 + s.today.month - 1 - months
            first = date(month // 12, month % 12 + 1, 1)
            same = first + (s.today.day - 1) * DAY
            days = {same + n * DAY for n in range(-around, around + 1)}
            made += [done(s.start(day) + n * SMALLEST) for day in sorted(days) for n in (-1, 0)]
        return made

    return states  # fmt: skip


def authorizations(s: Setting) -> list[State]:
    """Leave to prescribe: missing, alive, over, voided, for something else."""
    at = s.now - 2 * HOUR

    def leave(name: str = "au-1", when: datetime = at, rx: str = "rx-1", category: str = s.strict) -> Plain:
        return fact("authorization", name, when, number=f"N{name}", prescription=rx, category=category)

    def void(name: str) -> Plain:
        return fact("authorization_void", f"void-{name}", s.now, authorization=name)

    other = "adult_male" if s.strict != "adult_male" else "adult_frp"
    none, good = State("none"), State("alive", (leave(),))
    return [
        *((none, good) if s.step == "authorize" else (good, none)),
        State("voided", (leave(), void("au-1"))),
        State("voided, then another", (leave(when=at - HOUR), void("au-1"), leave("au-2"))),
        State("another, then voided", (leave(when=at - HOUR), leave("au-2"), void("au-2"))),
        State("returned", (leave(), fact("return_to_stock", "back", s.now, of="au-1"))),
        State("another category", (leave(category=other),)),
        State("another prescription", (leave(rx="rx-2"),)),
        State("retracted", (leave(), fact("retraction", "rt-au", s.now, corrects="au-1"))),
        State("just before the test", (leave(when=s.test_at - SMALLEST),)),
        State("with the test", (leave(when=s.test_at),)),
        State("two alive", (leave(when=s.ago(6)), leave("au-2"))),
        *(State(f"{days} days ago", (leave(when=s.ago(days)),)) for days in (7, 8, 29, 30, 31)),
    ]


def confirmations(s: Setting) -> list[State]:
    """Leave to dispense: missing, alive, over, voided, elsewhere, for something else."""
    at = max(s.now - HOUR, s.start(s.today))

    def leave(name: str = "cn-1", when: datetime = at, **members: str) -> Plain:
        known = {"authorization": "au-1", "prescription": "rx-1", "pharmacy": "ph-1", **members}
        return fact("confirmation", name, when, number=f"N{name}", **known)

    void = fact("confirmation_void", "void-cn-1", s.now, confirmation="cn-1")
    none, good = State("none"), State("alive", (leave(),))
    return [
        *((good, none) if s.step == "dispense" else (none, good)),
        State("voided", (leave(), void)),
        State("returned", (leave(), fact("return_to_stock", "back-cn", s.now, of="cn-1"))),
        State("voided, then another", (leave(when=at - HOUR), void, leave("cn-2"))),
        State("another stands before the voided", (leave("cn-2", at - HOUR), leave(), void)),
        State("24 hours", (leave(when=s.now - 24 * HOUR),)),
        State("just over 24 hours", (leave(when=s.now - 24 * HOUR - SMALLEST),)),
        State("just under 24 hours", (leave(when=s.now - 24 * HOUR + SMALLEST),)),
        State("first instant of today", (leave(when=s.start(s.today)),)),
        State("last instant of yesterday", (leave(when=s.start(s.today) - SMALLEST),)),
        State("elsewhere", (leave(pharmacy="ph-2"),)),
        State("another authorization", (leave(authorization="au-2"),)),
        State("another prescription", (leave(prescription="rx-2"),)),
        State("two alive", (leave(when=at - HOUR), leave("cn-2"))),
    ]


def handovers(s: Setting) -> list[State]:
    """How the product leaves the pharmacy."""
    return [State(str(how), (), (("handover", how),)) for how in ("shipped", "in_person", None)]


def histories(s: Setting) -> list[State]:
    """Dispenses, reversals, returns, interruptions and stops; those with an open course follow those without."""

    def sold(name: str, at: datetime, rx: str = "rx-0", days: int = 28) -> Plain:
        return fact(
            "dispense",
            name,
            at,
            prescription=rx,
            confirmation="cn-0",
            pharmacy="ph-1",
            handover="shipped",
            days_supply=days,
        )

    def turn(status: str, at: datetime) -> Plain:
        return fact("treatment_change", f"tc-{status}-{at.timestamp()}", at, status=status)

    def back(of: str, at: datetime) -> Plain:
        return fact("return_to_stock", f"back-{of}", at, of=of)

    def undone(of: str, at: datetime) -> Plain:
        return fact("reversal", f"undone-{of}", at, dispense=of)

    off = [s.start(s.off + n * DAY) + 9 * HOUR for n in (-1, 0, 1)]
    ago, month = s.ago, timedelta(days=28)
    first = [
        State("first: never treated"),
        State("first: reversed", (sold("d1", ago(10)), undone("d1", ago(9)))),
        State("first: stopped with 3 left", (sold("d1", ago(40)), turn("stopped", ago(15)))),
        State("first: stopped with 27 left", (sold("d1", ago(40)), turn("stopped", ago(39)))),
        State("first: dispensed with the stop", (sold("d1", ago(15)), turn("stopped", ago(15)))),
        State("first: stopped now", (sold("d1", ago(20)), turn("stopped", s.now))),
        State(
            "first: stopped with 27 left, returned",
            (sold("d1", ago(40)), turn("stopped", ago(39)), back("d1", ago(38))),
        ),
        *(State(f"first: stopped {at}", (sold("d1", at - 20 * DAY), turn("stopped", at))) for at in off),
    ]
    later = [
        *(State(f"later: {n} days ago", (sold("d1", ago(n)),)) for n in (21, 20, 22, 27, 28, 29, 35, 36, 42, 43)),
        State("later: 49 and 21", (sold("d1", ago(49)), sold("d2", ago(21)))),
        State("later: 42 and 21", (sold("d1", ago(42)), sold("d2", ago(21)))),
        State("later: 77, 49 and 28", (sold("d1", ago(77)), sold("d2", ago(49)), sold("d3", ago(28)))),
        State("later: 28 and 21", (sold("d1", ago(28)), sold("d2", ago(21)))),
        State("later: returned", (sold("d1", ago(10)), back("d1", ago(5)))),
        State("later: one of two returned", (sold("d1", ago(30)), sold("d2", ago(10)), back("d2", ago(5)))),
        State("later: interrupted", (sold("d1", ago(15)), turn("interrupted", ago(5)))),
        State("later: interrupted with 7", (sold("d1", ago(40)), turn("interrupted", ago(19)))),
        State("later: interrupted with 8", (sold("d1", ago(40)), turn("interrupted", ago(20)))),
        State("later: resumed", (sold("d1", ago(30)), turn("interrupted", ago(25)), turn("resumed", ago(9)))),
        State(
            "later: dispensed while interrupted",
            (sold("d1", ago(30)), turn("interrupted", ago(25)), sold("d2", ago(9))),
        ),
        State("later: this prescription", (sold("d1", ago(22)), sold("d2", s.now, "rx-1", 1))),
        State(
            "later: this prescription, reversed",
            (sold("d1", ago(22)), sold("d2", ago(1), "rx-1"), undone("d2", ago(0))),
        ),
        State("later: after a stop", (sold("d1", ago(60)), turn("stopped", ago(50)), sold("d2", ago(21), days=8))),
        State(
            "later: just after a stop",
            (sold("d1", ago(60)), turn("stopped", ago(15)), sold("d2", ago(15) + SMALLEST, days=14)),
        ),
        State("later: short supply", (sold("d1", ago(21)), sold("d2", ago(3), days=7))),
        State("later: today", (sold("d1", ago(28)), sold("d2", s.now))),
        *(State(f"later: ran out {at}", (sold("d1", at - month),)) for at in off),
        *(State(f"later: interrupted {at}", (sold("d1", at - 5 * DAY), turn("interrupted", at))) for at in off),
    ]
    return first + later  # fmt: skip


AXES = {
    "history": histories,
    "tests": pregnancy_tests,
    "prescription": prescriptions,
    "enrolment": enrolments,
    "evidence": evidences,
    "prescriber": certifications("prescriber", "dr-1"),
    "pharmacy": certifications("pharmacy", "ph-1"),
    "pharmacist": certifications("pharmacist", "pp-1"),
    "holds": holds,
    "cycle": cycles,
    "missed talk": missed_talks,
    "menses": menses,
    "contraception": contraceptions,
    "first talk": first_talks,
    "contraception talk": rx_talks(["contraception", "emergency_contraception"], "prescriber", "ct"),
    "pharmacist talk": rx_talks(PHARMACY, "pharmacist", "pt"),
    "checklist": materials("counselling_checklist"),
    "guide": materials("medication_guide"),
    "prescriber survey": surveys("prescriber"),
    "patient survey": surveys("patient"),
    "authorization": authorizations,
    "confirmation": confirmations,
    "handover": handovers,
}
"""Every axis by name."""
