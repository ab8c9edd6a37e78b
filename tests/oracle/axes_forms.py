"""The abstract state space, part six: forms, independent views, laboratory, reactions and concerns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.oracle.settings import DAY, HOUR, OTHER, Setting, State, distinct, fact
from tests.oracle.spans import SMALLEST, days_in
from tests.oracle.world import Plain

PANELS = ("blood_count", "hepatitis_b", "liver", "thyroid", "creatinine_clearance")
FORMS = ("risk_awareness", "annual_risk_acknowledgement", "care_agreement", "training")
REACTIONS = ("neutropenia", "thrombocytopenia")


def declarations(s: Setting) -> list[State]:
    """What was declared for the prescription: all, or all but one, and none, one or two of what excludes each other."""
    rules = s.rules("declared")
    asked = list(dict.fromkeys(word for r in rules for word in r["statements"]))
    either = list(dict.fromkeys(word for r in rules for word in r["exactly_one_of"]))
    at = s.now - HOUR

    def said(words: list[str], when: datetime = at, rx: str = "rx-1", name: str = "de-1") -> Plain:
        return fact("declaration", name, when, prescription=rx, statements=words)

    good = [*asked, *either[:1]]
    made = [State("all", (said(good),)), State("none"), State("empty", (said([]),))]
    made += [State(f"without {word}", (said([w for w in good if w != word]),)) for word in good]
    made += [State(f"also {word}", (said([*good, word]),)) for word in either[1:]]
    made += [State(f"{word} instead", (said([*asked, word]),)) for word in either]
    if either:
        made.append(State("two of them and one missing", (said([*asked[1:], *either[:2]]),)))
    return distinct(
        [
            *made,
            State("for another prescription", (said(good, rx="rx-2"),)),
            State("in a moment", (said(good, s.now + SMALLEST),)),
            State("a newer one says less", (said(good, at - HOUR), said(good[1:], name="de-2"))),
            State("a newer one says all", (said([], at - HOUR), said(good, name="de-2"))),
            State("a newer one for another", (said(good, at - HOUR), said([], rx="rx-2", name="de-2"))),
        ]
    )


def forms(word: str) -> Any:
    """A form that both sign, around its interval and around the prescription."""

    def states(s: Setting) -> list[State]:
        good = s.rx_at - HOUR

        def done(at: datetime, name: str = "ac-1", **members: Any) -> Plain:
            both = {"form": word, "patient_signed": True, "prescriber_signed": True, **members}
            return fact("acknowledgement", f"{name}-{word}", at, **both)

        edges = [at for r in s.rules("acknowledged") if r["form"] == word for at in s.starts_around(r["every"])]
        other = next(w for w in FORMS if w != word)
        foreign = {**done(good, form=other), "id": f"foreign-{word}"} if not s.rules("signed", "acknowledged") else None
        return distinct(
            [
                State("signed", (done(good),)),
                State("none"),
                *([State("another form", (foreign,))] if foreign else []),
                State("of another programme", ({**done(good), "programme": OTHER},)),
                State("not by the patient", (done(good, patient_signed=False),)),
                State("not by the prescriber", (done(good, prescriber_signed=False),)),
                *(
                    State(f"at {at}", (done(at),))
                    for at in [s.rx_at, s.rx_at + SMALLEST, s.now, s.now + SMALLEST, *edges]
                ),
                *(
                    State(f"unsigned at {at}", (done(at, patient_signed=False),))
                    for at in (s.rx_at + SMALLEST, *edges[:1])
                ),
                State("a newer one is unsigned", (done(good), done(s.rx_at, "ac-2", patient_signed=False))),
                State("an older one is unsigned", (done(good, patient_signed=False), done(s.rx_at, "ac-2"))),
                State("signed anew after the prescription", (done(good), done(s.now, "ac-2"))),
            ]
        )

    return states


def reviews(s: Setting) -> list[State]:
    """Independent views: enough, too few, one person twice, against, and changed."""
    need = max((r["reviewers"] for r in s.rules("independent_reviews")), default=2)
    people, at = [f"rev-{n}" for n in range(need + 1)], s.now - 9 * DAY

    def view(who: str, supports: bool = True, when: datetime = at) -> Plain:
        name = f"ir-{who}-{supports}-{when.timestamp()}"
        return fact("independent_review", name, when, reviewer=who, supports=supports)

    enough = tuple(view(who) for who in people[:need])
    return distinct(
        [
            State("enough", enough),
            State("none"),
            State("one too few", enough[1:]),
            State("one more", (*enough, view(people[-1]))),
            State("one person twice", (*enough[1:], view(people[1 % need], when=s.now))),
            State("one more is against", (*enough, view(people[-1], supports=False))),
            State("one of too few is against", (*enough[2:], view(people[0], supports=False))),
            State("changed to support", (*enough, view(people[0], supports=False, when=at - DAY))),
            State("changed to against", (*enough, view(people[0], supports=False, when=s.now))),
            State("one in a moment", (*enough[1:], view(people[0], when=s.now + SMALLEST))),
        ]
    )


def laboratory(panel: str) -> Any:
    """The results of a panel, around each age and each value that a rule names."""

    def states(s: Setting) -> list[State]:
        rules = [r for r in s.rules("lab_known", "lab_schedule", "lab_at_least") if r["panel"] == panel]
        floors = sorted({r["at_least"] for r in rules if r["kind"] == "lab_at_least"})
        good, rx_day = max(floors, default=1), s.day(s.rx_at)

        def result(at: datetime, value: int | None = good, name: str = "lab-1") -> Plain:
            return fact("lab_result", f"{name}-{panel}", at, panel=panel, value=value)

        moments = [s.rx_at, s.rx_at + SMALLEST, s.now, s.now + SMALLEST]
        for n in [days_in(r["within"]) for r in rules if r["kind"] == "lab_known"]:
            first = s.start(rx_day - n * DAY)
            moments += [first - SMALLEST, first, first + DAY, first - DAY]
        for r in [r for r in rules if r["kind"] == "lab_schedule"]:
            counts = {days_in(r[m]) for m in ("often_every", "then_every")}
            moments += [s.ago(n + by) for n in sorted(counts) for by in (-1, 0, 1) if n + by > 0]
        newest = s.rx_at - HOUR
        return distinct(
            [
                State("known", (result(newest),)),
                State("none"),
                *(State(f"at {at}", (result(at),)) for at in moments),
                *(State(f"value {n}", (result(newest, n),)) for floor in floors for n in (floor - 1, floor, floor + 1)),
                State("not a number", (result(newest, None),)),
                State(
                    "a newer one is lower", (result(newest - DAY), result(newest, min(floors, default=1) - 1, "lab-2"))
                ),
                State("a newer one is no number", (result(newest - DAY), result(newest, None, "lab-2"))),
                State(
                    "an older one is lower", (result(newest), result(newest - DAY, min(floors, default=1) - 1, "lab-2"))
                ),
            ]
        )

    return states


def reactions(s: Setting) -> list[State]:
    """Reactions: to which medicine, which, and of what grade."""
    at, made = s.now - 50 * DAY, [State("none")]

    def had(word: str, product: str, grade: int | None, **members: Any) -> Plain:
        return fact("adverse_reaction", f"ar-{word}-{product}-{grade}", at, reaction=word, product=product, grade=grade,
                    **members)  # fmt: skip

    for rule in s.rules("no_rechallenge"):
        ours, low = rule["to_products"], rule["from_grade"]
        grades = [n for n in (low - 1, low, low + 1, None) if n is None or 1 <= n <= 5]
        words = [*rule["reactions"], *rule["graded"], *REACTIONS]
        made += [State(f"{w} {g}", (had(w, ours[0], g),)) for w in dict.fromkeys(words) for g in grades]
        made += [State(f"{w} to {p}", (had(w, p, 5),)) for w in words[:1] for p in [*ours[1:], "aspirin"]]
        bad = had(words[0], ours[0], 5)
        made.append(State("retracted", (bad, fact("retraction", "rt-ar", s.now, corrects=bad["id"]))))
    return distinct(made)


def assessments(concern: str) -> Any:
    """Whether a concern was considered, around stops."""

    def states(s: Setting) -> list[State]:
        stop = s.ago(15)

        def done(at: datetime, word: str = concern) -> Plain:
            return fact("assessment", f"as-{concern}", at, concern=word)

        return [
            State("considered", (done(s.now - HOUR),)),
            State("not considered"),
            State("in a moment", (done(s.now + SMALLEST),)),
            State("with the stop", (done(stop),)),
            State("just after the stop", (done(stop + SMALLEST),)),
            State("before every stop", (done(s.ago(700)),)),
        ]

    return states
