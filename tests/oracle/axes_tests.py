"""The abstract state space, part two: pregnancy tests alone, and against the prescription and a schedule."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

from tests.oracle.settings import DAY, HOUR, Setting, State, a_test, distinct, fact, talk
from tests.oracle.spans import SMALLEST, days_in, hours_in
from tests.oracle.world import Plain

STANDARDS = ("pregnancy_test", "pregnancy_test_after_first")
SCHEDULES = ("test_schedule", "test_interval")
SCHEDULE_DAYS = ("weekly_every", "then_every", "then_every_if_irregular", "every")


def waits(s: Setting) -> list[int]:
    """How many days before the prescription a good test must have been, by whichever rule."""
    windows = s.days("test_days_before", "oldest")
    return [*windows, *s.days(("tests_apart", "test_before_lead_in"), "at_least"),
            *s.days("contraception_or_urgent_start", "urgent_lead_in")]  # fmt: skip


def good_tests(s: Setting) -> tuple[Plain, ...]:
    """Tests that meet all rules at once: as often as the schedule asks, and as far back as the windows ask."""
    every = min(s.days(SCHEDULES, *SCHEDULE_DAYS), default=0)
    reach = max([20, *s.days("test_schedule", "weekly_every"), *s.days("test_interval", "every")])
    often = [s.ago(n) for n in range(reach // every * every, 0, -every)] if every else []
    rx_day = s.day(s.rx_at)
    apart = [s.start(rx_day - n * DAY) + 9 * HOUR for n in waits(s) if n]
    return tuple(a_test(s, f"t-{at:%y%m%d}", at) for at in sorted({*often, *apart}) if at < s.test_at)


def pregnancy_tests(s: Setting) -> list[State]:
    """Pregnancy tests: the windows before the prescription, the quality of a test, and the schedule."""
    rx, good = s.rx_at, s.test_at
    before = good_tests(s)
    made = [State("good ones and today", (*before, a_test(s, "t-0", good)))]
    made += [*around_prescription(s), *edges(s)]
    made.append(State("none"))
    for n in [(r_low + r_high) // 2 for r_low, r_high in windows(s)]:
        late = a_test(s, "t-1", s.start(s.day(rx) - n * DAY), resulted_at=rx + SMALLEST)
        made.append(State("first resulted late", (late, a_test(s, "t-0", good))))
    made += [State(name, (*before, *more)) for name, more in qualities(s).items()]
    made += [State(f"{name}, alone", more) for name, more in qualities(s).items() if "sens" in name or "home" in name]
    made += [State(f"days ago {days}", tuple(a_test(s, f"t{d}", s.ago(d)) for d in days)) for days in sequences(s)]
    return distinct([*made, *spaced(s)])


def windows(s: Setting) -> list[tuple[int, int]]:
    """The youngest and the oldest day of each window in days."""
    return [(days_in(r["youngest"]), days_in(r["oldest"])) for r in s.rules("test_days_before")]


def around_prescription(s: Setting) -> list[State]:
    """A first test around the window in days, a second around the window in hours."""
    rx, good, rx_day = s.rx_at, s.test_at, s.day(s.rx_at)
    firsts = sorted({n for low, high in windows(s) for n in (low - 1, low, high, high + 1) if n >= 0})
    seconds: dict[str, Plain | None] = {"an hour before": a_test(s, "t-0", good)}
    for rule in s.rules("test_hours_before"):
        within = hours_in(rule["within"]["span"])
        for n in (0, -1, 1):
            seconds[f"{within} and {n} before"] = a_test(s, "t-0", rx - within + n * SMALLEST)
    seconds["with the prescription"] = a_test(s, "t-0", rx)
    seconds["just after it"] = a_test(s, "t-0", rx + SMALLEST)
    seconds["resulted after it"] = a_test(s, "t-0", good, resulted_at=rx + SMALLEST)
    seconds["none"] = None
    made = []
    for gap, (name, second) in itertools.product([*firsts, None], seconds.items()):
        first = [] if gap is None else [a_test(s, "t-1", min(rx, s.start(rx_day - gap * DAY) + 9 * HOUR))]
        made.append(State(f"{gap} days before; {name}", (*first, *([second] if second else []))))
    return made


def edges(s: Setting) -> list[State]:
    """The first and the last instant of the days at both ends of each window."""
    rx_day, made = s.day(s.rx_at), []
    for low, high in windows(s):
        for day in (rx_day - (low - 1) * DAY, rx_day - high * DAY):
            for at in (s.start(day), s.start(day) - SMALLEST):
                if at <= s.now:
                    made.append(State(f"alone at {at}", (a_test(s, "t-1", at),)))
                    made.append(State(f"first at {at}", (a_test(s, "t-1", at), a_test(s, "t-0", s.test_at))))
    return made


def qualities(s: Setting) -> dict[str, tuple[Plain, ...]]:
    """What can be wrong with the newest test, or stand beside it."""
    good = s.test_at

    def flawed(**members: Any) -> Plain:
        return a_test(s, "t-0", good, **members)

    def beside(at: datetime, **members: Any) -> Plain:
        return a_test(s, "beside", at, **members)

    twin = {"specimen": "sp-t-0"}
    standards = [s.programme.plain[n] for n in STANDARDS if n in s.programme.plain]
    stated = sorted({standard["least_sensitive"] + by for standard in standards for by in (0, 1)})
    return {
        **{f"sensitivity {n}": (flawed(sensitivity_miu_ml=n),) for n in stated},
        "sensitivity not stated": (flawed(sensitivity_miu_ml=None),),
        "urine": (flawed(test_kind="urine"),),
        "at home": (flawed(place="home", reporter="prescriber"),),
        "the patient says": (flawed(place="home", reporter="patient"),),
        "in the clinic": (flawed(place="clinic", reporter="pharmacist"),),
        "the laboratory says": (flawed(place="laboratory", reporter="laboratory", test_kind="serum"),),
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


def sequences(s: Setting) -> list[tuple[int, ...]]:
    """Days ago on which tests fell: on each due day and beside it, once and again, and the whole schedule."""
    found: list[tuple[int, ...]] = [(0,)]
    often = max(s.days("test_schedule", "weekly_for"), default=0)
    for d in s.days(SCHEDULES, *SCHEDULE_DAYS):
        found += [(d,), (d - 1,), (d + 1,), (d, 0), (d + 1, 0), (2 * d, d), (2 * d, d - 1), (2 * d, d + 1), (d + 1, 1),
                  (2 * d, d, 0), (2 * d, d, 1), (2 * d - 1, d, 0), (2 * d, d - 1, 0), (2 * d + 1, d), (2 * d + 1, d, 0),
                  (3 * d, 2 * d, d), (3 * d - 1, 2 * d - 1, d - 1), (3 * d, 0)]  # fmt: skip
    for w in s.days("test_schedule", "weekly_every"):
        found += [tuple(range(often + n * w + by, -1, -w)) for n in (1, 2) for by in (0, 1)]
        found.append((*range(often + 3 * w, w, -w), w - 1, 0))
    for span in [r["lasts"]["span"] for r in s.rules("authorization_life") if r["counted_from"] == "pregnancy_test"]:
        count = int("".join(c for c in span if c.isdigit()))
        found += [(count + by,) for by in (-2, -1, 0, 1) if span.endswith("D") and count + by >= 0]
    return list(dict.fromkeys(found))


def spaced(s: Setting) -> list[State]:
    """Two tests as far apart, or as long before the prescription, as the rules on spacing ask, or a day off."""
    rx_day, rules = s.day(s.rx_at), s.rules("tests_apart", "test_before_lead_in")
    counts = {days_in(r["at_least"]) for r in rules} | set(s.days("contraception_or_urgent_start", "urgent_lead_in"))
    newest = a_test(s, "t-0", s.test_at)
    made = []
    for n in sorted(counts):
        for at in (s.start(rx_day - (n - 1) * DAY), s.start(rx_day - (n - 1) * DAY) - SMALLEST,
                   s.start(rx_day - n * DAY), s.start(rx_day - n * DAY) - SMALLEST):  # fmt: skip
            one = a_test(s, "t-1", at)
            made += [State(f"one at {at}", (one,)), State(f"one at {at} and today", (one, newest))]
            made.append(State(f"one at {at}, one after it", (one, a_test(s, "t-0", s.rx_at + SMALLEST))))
            made.append(State(f"one at {at}, urine today", (one, {**newest, "test_kind": "urine"})))
            made.append(State(f"urine at {at} and today", ({**one, "test_kind": "urine"}, newest)))
            made.append(State(f"one at {at} and yesterday", (one, a_test(s, "t-0", s.ago(1)))))
    for k in missed_days(s):
        pair = (a_test(s, f"t{k}", s.ago(k)), newest)
        made += [State(f"{k} days ago and today", pair), State(f"{k} days ago", pair[:1])]
        made.append(State(f"{k} and {k + 3} days ago, today", (a_test(s, "t-3", s.ago(k + 3)), *pair)))
    return made


def missed_days(s: Setting) -> list[int]:
    """How many days ago a test can have been whose window was missed: around the window's end, and around the wait."""
    found = set()
    for rule in s.rules("missed_first_window"):
        found |= {days_in(rule["wait"]) + by for by in (-1, 0, 1)}
        found |= {int(rule["window"]["span"][1:-1]) + by for by in (-2, -1, 0, 1)}
    return sorted(n for n in found if n > 0)


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


def periods(s: Setting) -> list[State]:
    """When the newest period began, around the first days in which a test may fall."""
    tested_on = s.day(s.test_at)

    def begun(at: datetime, name: str = "pe-1") -> Plain:
        return fact("report", name, at, what="period_started")

    made = [State("with the test", (begun(s.test_at),)), State("never")]
    for count in sorted({r["first_days"] for r in s.rules("test_in_period")}):
        last = s.start(tested_on - (count - 1) * DAY)
        days = (last - DAY, last - SMALLEST, last, s.start(tested_on - (count - 2) * DAY))
        made += [State(f"on {at}", (begun(at),)) for at in days]
        made.append(State("a newer one", (begun(last - DAY), begun(s.start(tested_on), "pe-2"))))
        made.append(State("an older one", (begun(last - 30 * DAY), begun(last))))
    after = s.start(tested_on + DAY)
    made += [State("later on the day", (begun(s.now),)), State("after the day", (begun(after),))]
    return distinct([*made, State("in time, and after the day", (begun(s.start(tested_on)), begun(after, "pe-2")))])


def missed_talks(s: Setting) -> list[State]:
    """Counselling on a missed test, around the days of tests that can have come too late."""
    every = s.days(SCHEDULES, "weekly_every", "every") or [7]
    late = [s.start(s.today - days * DAY) for days in (every[0], 0)]
    times = [s.now, *itertools.chain.from_iterable((at - SMALLEST, at) for at in late)]
    return distinct(
        [
            State("none"),
            *(State(f"at {at}", (talk("missed", at, ["missed_test"]),)) for at in times),
            State("by the pharmacist", (talk("missed", s.now, ["missed_test"], "pharmacist"),)),
        ]
    )


def menses(s: Setting) -> list[State]:
    """Reports of menses and bleeding, and how they were evaluated."""
    test, evidence, two_ago = s.test_at, s.now - 30 * DAY, s.start(s.today - 2 * DAY)

    def told(at: datetime, what: str = "missed_menses", **members: Any) -> Plain:
        return fact("report", f"re-{what}-{at.timestamp()}", at, what=what, **members)

    def heard(at: datetime, by: str = "prescriber") -> Plain:
        return talk("heard", at, ["menses_evaluation"], by)

    day_known = told(two_ago, precision="day")
    is_evidence = bool(s.rules("risk_evidence", "risk_evidence_by_age"))
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
        *([State("a period with the evidence", (told(evidence, "period_started"),))] if is_evidence else []),
        State("missed before the evidence", (told(evidence - SMALLEST), heard(s.now))),
        State("bleeding after the evidence", (told(evidence + SMALLEST, "abnormal_bleeding"), heard(s.now))),
    ]
