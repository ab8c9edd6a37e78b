"""The abstract state space, part one: for people and what they say, the classes of facts that a rule could tell apart.

Every boundary is a class of its own: one microsecond on either side where hours or instants count, one day where days
do. Class 0 of every axis is the good one, in which its requirements are met. Times hang on `now`, so that the same
classes fall on a plain day, on both changes of clocks, and around the leap day. Numbers are the policy's own.
"""

from __future__ import annotations

import calendar
import itertools
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from tests.oracle.settings import DAY, OTHER, Setting, State, a_test, fact
from tests.oracle.spans import SMALLEST
from tests.oracle.world import Plain

MEMBERS = ("quantity", "units_per_day", "days_on", "cycle_days")


def regimens(s: Setting) -> list[tuple[int, int, int, int]]:
    """Quantity, units a day, days on and days of the cycle, around the longest supply and the usual regimen."""
    most = min((r["at_most"] for r in s.rules("days_supply")), default=28)
    on, usual = most * 3 // 4, s.rules("regimen")
    found = [(r["days_on"], 1, r["days_on"], r["cycle_days"]) for r in usual] or [(on, 1, on, most)]
    found += [
        (most, 1, most, most),
        (most + 1, 1, most, most),
        (2 * most, 2, most, most),
        (2 * most + 1, 2, most, most),
    ]
    found += [(on - 1, 1, on, most), (on, 1, on, most), (on + 1, 1, on, most)]
    found += [(n, 1, n, n) for r in s.rules("days_supply") for n in (r["at_most"], r["at_most"] + 1)]
    for r in usual:
        n, cycle = r["days_on"], r["cycle_days"]
        found += [(n, 1, n + by, cycle) for by in (-1, 1) if 0 < n + by <= cycle]
        found += [(n, 1, n, cycle + by) for by in (-1, 1) if n <= cycle + by]
    return list(dict.fromkeys(found))


def prescriptions(s: Setting) -> list[State]:
    """Channel, product, category, regimen and refills of the prescription."""
    if not s.rx_known:
        return [State("no prescription")]
    plain = s.programme.plain
    known = plain.get("prescription", {})
    words = ("electronic", "written", "fax", "telephone")
    channels = sorted(words, key=lambda c: c not in known.get("channels", words))
    refills = sorted({0, *(r["at_most"] + by for r in s.rules("refills") for by in (0, 1))})
    made = []
    for channel, product, category, regimen, more in itertools.product(
        channels, [*plain["products"][:1], "aspirin"], (s.strict, s.other), regimens(s), refills
    ):
        rx = fact("prescription", "rx-1", s.rx_at, product=product, category=category, prescriber="dr-1",
                  channel=channel, refills=more, **dict(zip(MEMBERS, regimen, strict=True)))  # fmt: skip
        aspect = "" if product in plain["products"] else "foreign"
        made.append(State(f"{channel} {product} {category} {regimen} refills {more}", (rx,), aspect=aspect))
    return made


def births(s: Setting, *, is_child: bool) -> list[date]:
    """Birthdays: the good one first, then around each age that a rule names, and on a leap day."""
    ages = [r["adult_age"] for r in s.rules("enrolled")] or [18]
    good = date(2015, 5, 5) if is_child else date(1960, 5, 5)
    ages += sorted({r["under_age"] for r in s.rules("independent_reviews")})
    ages += sorted({r["menopause_age"] for r in s.rules("risk_evidence_by_age")})
    found = [good]
    for age in ages:
        day = s.months_ago(12 * age)
        found += [day, day - DAY, day + DAY]
        if calendar.isleap(day.year):
            found.append(date(day.year, 2, 29))
    return list(dict.fromkeys([*found, date(2008, 2, 29), date(1960, 5, 5) if is_child else date(2015, 5, 5)]))


def enrolments(s: Setting) -> list[State]:
    """Signatures, age and time of the agreement."""
    if s.category == "unenrolled":
        return [State("not enrolled")]
    times = [s.rx_at, s.rx_at + SMALLEST, s.start(s.off) - SMALLEST, s.start(s.off), s.now - 900 * DAY]
    signed = list(itertools.product((True, False), repeat=3))
    if s.day(s.rx_at) == s.today:
        times.append(s.start(s.today))
    made: list[State] = []
    born = births(s, is_child=s.category.startswith("child_"))
    for birth, at, (patient, guardian, prescriber) in itertools.product(born, times, signed):
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
            name = f"born {birth} signed {patient, guardian, prescriber} at {at}"
            made.append(State(name, (enrolment,), aspect=f"born {birth}"))
    good = made[0].facts[0]
    newer = {**good, "id": "en-8", "at": s.now, "recorded_at": s.now, "category": s.other, "programme": OTHER}
    return [*made, State("another programme's is newer", (good, newer), aspect=made[0].aspect)]


def certifications(role: str, subject: str) -> Callable[[Setting], list[State]]:
    """Whether who acts is certified, with the last day, revocations and the age of the registration around it."""

    def states(s: Setting) -> list[State]:
        spans = [r["lasts"] for r in s.rules("registered") if r["who"] == role]
        is_short = any(span["span"].endswith("D") and int(span["span"][1:-1]) < 300 for span in spans)
        at = s.now - (4 if is_short else 200) * DAY

        def cert(name: str, when: datetime, expires: date, who: str = subject) -> Plain:
            return fact("certification", f"{role}-{name}", when, subject=who, role=role, expires_on=expires)

        def revoked(when: datetime, who: str = subject) -> Plain:
            return fact("revocation", f"{role}-revoked", when, subject=who, role=role)

        good, far = cert("good", at, s.today + 100 * DAY), s.today + 50 * DAY
        made = [
            State("certified", (good,)),
            State("never certified"),
            State("last day today", (cert("today", at, s.today),)),
            State("last day yesterday", (cert("yesterday", at, s.today - DAY),)),
            State("revoked at the same instant", (good, revoked(at))),
            State("revoked just before", (good, revoked(at - SMALLEST))),
            State("revoked later", (good, revoked(s.now))),
            State("renewed after revocation", (good, revoked(at + DAY), cert("again", at + 2 * DAY, far))),
            State("another is certified", (cert("other", at, far, "someone-else"),)),
            State("certified for another programme", ({**good, "programme": OTHER},)),
            State("revoked for another programme", (good, {**revoked(s.now), "programme": OTHER})),
            State("another is revoked", (good, revoked(s.now, "someone-else"))),
            State("renewed to an earlier day", (good, cert("short", at + DAY, s.today - DAY))),
        ]
        for when in [when for span in spans for when in s.starts_around(span)]:
            made.append(State(f"registered at {when}", (cert("once", when, far),)))
            made.append(State(f"registered at {when}, to yesterday", (cert("once", when, s.today - DAY),)))
        return made

    return states


BASES = [
    "hysterectomy", "bilateral_oophorectomy", "no_menarche", "chemotherapy_amenorrhoea", "tubal_ligation",
    "infertility", "other", "natural_menopause", "ovarian_failure", "hormonal_menopause", "congenital",
]  # fmt: skip


def evidences(s: Setting) -> list[State]:
    """Why there is no reproductive potential."""
    at = s.now - 30 * DAY
    rules = s.rules("risk_evidence", "risk_evidence_by_age")

    def one(basis: str, when: datetime = at, **members: Any) -> Plain:
        return fact("risk_evidence", f"ev-{basis}-{when.timestamp()}", when, basis=basis, **members)

    liked = "no_menarche" if s.category.startswith("child_") else "hysterectomy"
    words = [w for w in [liked, *BASES] if all(w in r["accepted"] for r in rules) and w != "natural_menopause"]
    good = words[0] if words else liked
    months = {r["menopause_months"] for r in rules} - {"none"}
    lasts = []
    for since in [s.months_ago(int(text[1:-1])) for text in sorted(months)] or [s.months_ago(24)]:
        lasts += [since, since + DAY, since - DAY, since + 31 * DAY]
    return [
        State(good, (one(good),)),
        State("none"),
        *(State(basis, (one(basis),)) for basis in BASES if basis != good),
        *(State(f"menopause, last {last}", (one("natural_menopause", last_menses_on=last),)) for last in lasts),
        State("a worse one is newer", (one(good, at - DAY), one("other"))),
        State("a worse one is older", (one("other", at - DAY), one(good))),
    ]


def holds(s: Setting) -> list[State]:
    """What holds the patient, and who reviewed it."""
    at = s.now - 60 * DAY
    bad_test = a_test(s, "held-test", at, result="positive")
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
