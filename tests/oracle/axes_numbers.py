"""The abstract state space, part four: supply, authorizations, confirmations and the way to the patient."""

from __future__ import annotations

from datetime import datetime

from tests.oracle.axes_tests import missed_days
from tests.oracle.settings import HOUR, Setting, State, fact, foreign
from tests.oracle.spans import SMALLEST
from tests.oracle.world import Plain

LIVES = ("authorization_life",)


def authorizations(s: Setting) -> list[State]:
    """Leave to prescribe: missing, alive, over, voided, for something else."""
    at = s.now - 2 * HOUR

    def leave(name: str = "au-1", when: datetime = at, rx: str = "rx-1", category: str = s.strict) -> Plain:
        return fact("authorization", name, when, number=f"N{name}", prescription=rx, category=category)

    def void(name: str) -> Plain:
        return fact("authorization_void", f"void-{name}", s.now, authorization=name)

    none, good = State("none"), State("alive", (leave(),))
    return [
        *((none, good) if s.step == "authorize" else (good, none)),
        State("voided", (leave(), void("au-1"))),
        State("voided, then another", (leave(when=at - HOUR), void("au-1"), leave("au-2"))),
        State("another, then voided", (leave(when=at - HOUR), leave("au-2"), void("au-2"))),
        State("returned", (leave(), fact("return_to_stock", "back", s.now, of="au-1"))),
        State("another category", (leave(category=s.other),)),
        State("another prescription", (leave(rx="rx-2"),)),
        State("retracted", (leave(), fact("retraction", "rt-au", s.now, corrects="au-1"))),
        State("just before the test", (leave(when=s.test_at - SMALLEST),)),
        State("with the test", (leave(when=s.test_at),)),
        State("two alive", (leave(when=s.ago(6)), leave("au-2"))),
        *(State(f"{days} days ago", (leave(when=s.ago(days)),)) for days in ages(s)),
        *older_windows(s, none, good),
    ]


def ages(s: Setting) -> list[int]:
    """How many days ago an authorization can have been given that is just alive, and just over."""
    found = {7, 8} if not s.rules(*LIVES) else set()
    for rule in s.rules(*LIVES):
        text = rule["lasts"]["span"]
        count = int("".join(c for c in text if c.isdigit()))
        if text.endswith("D"):
            found |= {count + by for by in (-2, -1, 0, 1) if count + by > 0}
        else:
            found |= {max(1, (s.today - s.day(at)).days) for at in s.starts_around(rule["lasts"])}
    return sorted(found)


def older_windows(s: Setting, none: State, good: State) -> list[State]:
    """Authorizations of earlier prescriptions, given on the days of tests whose windows were missed."""
    made = []
    for k in missed_days(s):
        old = fact("authorization", f"au-0-{k}", s.ago(k) + HOUR, number=f"N{k}", prescription="rx-0",
                   category=s.strict)  # fmt: skip
        early = {**old, "at": s.ago(k) - SMALLEST, "recorded_at": s.ago(k) - SMALLEST}
        made += [State(f"one {k} days ago, {base.name}", (old, *base.facts)) for base in (none, good)]
        made.append(State(f"one {k} days ago, just before the test", (early,)))
        made.append(State(f"one {k} days ago, for another programme", (foreign(s), {**old, "prescription": "rx-8"})))
    return made


def confirmations(s: Setting) -> list[State]:
    """Leave to dispense: missing, alive, over, voided, elsewhere, for something else."""
    at = max(s.now - HOUR, s.start(s.today))
    lives = [when for r in s.rules("confirmation_life") for when in s.starts_around(r["lasts"])]

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
        *(State(f"from {when}", (leave(when=when),)) for when in lives),
        State("first instant of today", (leave(when=s.start(s.today)),)),
        State("last instant of yesterday", (leave(when=s.start(s.today) - SMALLEST),)),
        State("elsewhere", (leave(pharmacy="ph-2"),)),
        State("another authorization", (leave(authorization="au-2"),)),
        State("another prescription", (leave(prescription="rx-2"),)),
        State("two alive", (leave(when=at - HOUR), leave("cn-2"))),
    ]


def handovers(s: Setting) -> list[State]:
    """How the product leaves the pharmacy."""
    allowed = [r["accepted"] for r in s.rules("handed_over")]
    ways = sorted(("shipped", "in_person"), key=lambda way: not all(way in words for words in allowed))
    return [State(str(how), (), (("handover", how),)) for how in (*ways, None)]
