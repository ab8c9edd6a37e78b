"""The abstract state space, part three: contraception, conversations, material and surveys."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from tests.oracle.settings import DAY, HOUR, OTHER, Setting, State, distinct, fact, foreign, talk
from tests.oracle.spans import SMALLEST
from tests.oracle.world import Plain

CONTRACEPTION = ("contraception", "contraception_or_urgent_start")
METHODS = [
    "iud_copper", "hormonal_implant", "iud_levonorgestrel", "iud_progesterone", "hormonal_injection", "combined_pill",
    "progestogen_only_pill", "hormonal_patch", "vaginal_ring", "tubal_ligation", "partner_vasectomy", "own_vasectomy",
    "male_condom", "female_condom", "diaphragm", "cervical_cap", "cervical_shield", "vaginal_sponge",
    "desogestrel_pill", "spermicide", "fertility_awareness", "withdrawal", "breastfeeding",
]  # fmt: skip


def good_methods(s: Setting) -> list[str]:
    """Methods that meet every rule on contraception that is asked here."""
    chosen: list[str] = []
    for rule in s.rules(*CONTRACEPTION):
        high = [m for m in METHODS if m in rule["highly_effective"]]
        more = [m for m in ("male_condom", *METHODS) if m in rule["additional"]]
        need = rule["of_them_highly_effective"]
        chosen += high[:need] + [*more, *high[need:]][: rule["methods"] - need]
        chosen += rule.get("urgent_also", [])[:1]
    return list(dict.fromkeys(chosen))


def contraceptions(s: Setting) -> list[State]:
    """Methods, tiers, lead-in and abstinence."""
    waits = [*s.days(CONTRACEPTION, "lead_in", "urgent_lead_in"), *s.days("test_before_lead_in", "or_abstinent_for")]
    long_ago = s.today - (max(waits, default=0) + 72) * DAY
    rules, good = s.rules(*CONTRACEPTION), good_methods(s)
    high = [m for m in METHODS if any(m in r["highly_effective"] for r in rules)]
    more = [m for m in METHODS if any(m in r["additional"] for r in rules)]
    never = [m for m in METHODS if m not in {*high, *more}]
    old = [(m, long_ago) for m in good]

    def say(name: str, *methods: tuple[str, date], at: datetime | None = None, since: date | None = None) -> State:
        listed = [{"method": method, "since": day} for method, day in methods]
        when = at or s.now - HOUR
        return State(name, (fact("contraception", "co-1", when, methods=listed, abstinent_since=since),))

    made = [say("good ones", *old), State("no statement"), say("nothing")]
    made += [say(f"{m} alone", (m, long_ago)) for m in dict.fromkeys([*good, *high[:1], *more[:1], *never[:1]])]
    lists = [("no highly effective", more[:2]), ("two highly effective", high[:2]), ("no good ones", never[:2]),
             ("an unaccepted second", [*good[:1], *never[:1]]), ("three additional", more[:3])]  # fmt: skip
    for r in rules:
        tiers = [m for m in METHODS if m in r["additional"]], [m for m in METHODS if m in r["highly_effective"]]
        lists += [
            (f"{len(tier[:n])} of one tier", tier[:n]) for tier in tiers for n in (r["methods"], r["methods"] + 1)
        ]
    made += [say(name, *[(m, long_ago) for m in words]) for name, words in lists]
    for wait in sorted({0, *waits}):
        made += [
            say(f"{len(young)} of {wait - by} days", *[(m, due + by * DAY if m in young else long_ago) for m in good])
            for due in [s.today - wait * DAY]
            for by in (-1, 0, 1)
            for young in (good, good[:1], good[-1:])
        ]
        made += [say(f"abstinent {wait - by} days", since=s.today - (wait - by) * DAY) for by in (-1, 0, 1)]
        rx_day = s.day(s.rx_at)
        made += [say(f"abstinent {wait - by} days before", since=rx_day - (wait - by) * DAY) for by in (0, 1)]
        made.append(say(f"abstinent, and one method, {wait}", *old[:1], since=s.today - (wait - 1) * DAY))
    newer = say("one is newer", *old[:1], at=s.now).facts[0] | {"id": "co-newer"}
    made += [
        say("one more is younger", *old, *[(m, s.today) for m in [*more, *high] if m not in good][:1]),
        say("abstinent later than the methods", *old, since=s.today),
        State("a statement replaces", (*say("good ones", *old).facts, newer)),
    ]
    return distinct(made)


def course_talks(rule: Plain) -> Any:
    """Counselling before the first prescription, around the prescription and around stops."""

    def states(s: Setting) -> list[State]:
        topics, by, name = rule["topics"], rule["by"], rule["id"]
        rx, stop, other = s.rx_at, s.ago(15), "pharmacist" if rule["by"] == "prescriber" else "prescriber"
        parts = talk(f"{name}1", rx, topics[:-1], by), talk(f"{name}2", s.ago(3), topics[-1:], by)
        return distinct(
            [
                State("all", (talk(name, rx, topics, by),)),
                State("none"),
                State("just after the prescription", (talk(name, rx + SMALLEST, topics, by),)),
                State("in two parts", parts),
                *(State(f"without {word}", (talk(name, rx, [t for t in topics if t != word], by),)) for word in topics),
                State("a part is late", (parts[0], talk(f"{name}2", s.now, topics[-1:], by))),
                State("by the other", (talk(name, rx, topics, other),)),
                State("with the stop", (talk(name, stop, topics, by),)),
                State("just after the stop", (talk(name, stop + SMALLEST, topics, by),)),
                State("before every stop", (talk(name, s.ago(700), topics, by),)),
                State("for another prescription", (talk(name, rx, topics, by, "rx-2"),)),
                State("for another programme's prescription", (foreign(s), talk(name, rx, topics, by, "rx-8"))),
                State("for another programme", ({**talk(name, rx, topics, by), "programme": OTHER},)),
                State("for this programme", ({**talk(name, rx, topics, by), "programme": s.programme.plain["id"]},)),
            ]
        )

    return states


def rx_talks(rule: Plain) -> Any:
    """Counselling for each prescription."""

    def states(s: Setting) -> list[State]:
        topics, by, name = rule["topics"], rule["by"], rule["id"]
        at, other = s.now - HOUR, "pharmacist" if by == "prescriber" else "prescriber"
        parts = (talk(f"{name}1", at, topics[:1], by, "rx-1"), talk(f"{name}2", at, topics[1:], by, "rx-1"))
        return distinct(
            [
                State("all", (talk(name, at, topics, by, "rx-1"),)),
                State("none"),
                State("for another prescription", (talk(name, at, topics, by, "rx-2"),)),
                State("for none", (talk(name, at, topics, by),)),
                State("in two parts", parts),
                *(State(f"without {w}", (talk(name, at, [t for t in topics if t != w], by, "rx-1"),)) for w in topics),
                State("by the other", (talk(name, at, topics, other, "rx-1"),)),
                State("later", (talk(name, s.now + SMALLEST, topics, by, "rx-1"),)),
            ]
        )

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


def prescriber_surveys(s: Setting) -> list[State]:
    """The prescriber's survey of the prescription."""

    def done(at: datetime, rx: str = "") -> State:
        return State(f"at {at} for {rx}", (fact("survey", "su-prescriber", at, whose="prescriber", prescription=rx),))

    return [done(s.rx_at, "rx-1"), State("none"), done(s.rx_at, "rx-2"), done(s.rx_at), done(s.now + SMALLEST, "rx-1")]


def patient_surveys(s: Setting) -> list[State]:
    """The patient's survey, around the ends of its intervals."""

    def done(at: datetime) -> State:
        return State(f"at {at}", (fact("survey", "su-patient", at, whose="patient", prescription=""),))

    edges = [at for r in s.rules("patient_survey") for at in s.starts_around(r["every"])]
    foreign_one = done(s.now - HOUR).facts[0] | {"id": "su-foreign", "programme": OTHER}
    made = [done(s.now - HOUR), State("none"), State("of another programme", (foreign_one,))]
    return distinct([*made, *(done(at) for at in edges)])
