"""What the naive gate knows at one moment, in lists and plain dates, so that its rules read like the policy's words.

Written from `policies/README.md` alone. Nothing here comes from the package that it judges.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from tests.oracle.spans import ONE_DAY, civil_day, first_instant, span_end

Plain = dict[str, Any]
HOLDING_REPORT = "pregnancy"
Says = tuple[str, datetime | None]
"""A reason code ("MET" is one like any other) with the end of a yes or the opening of a no."""


def met(until: datetime | None = None) -> Says:
    """Met, with the exclusive end if there is one."""
    return "MET", until


def rules_of(policy: Plain) -> list[Plain]:
    """The requirements of a policy, and after them those of a layer that was laid over it."""
    layer = policy.get("laid_over", {})
    return [*policy.get("requirement", []), *layer.get("requirement", [])]


def newest(facts: list[Plain]) -> Plain | None:
    """Latest `at`, then latest `recorded_at`, then highest id."""
    best: Plain | None = None
    for fact in facts:
        if best is None or order(fact) > order(best):
            best = fact
    return best


def order(fact: Plain) -> tuple[datetime, datetime, str]:
    """How facts follow each other in time."""
    return fact["at"], fact["recorded_at"], fact["id"]


class World:
    """The facts that count now, and the words that the rules use about them."""

    def __init__(self, policy: Plain, facts: list[Plain], request: Plain, now: datetime) -> None:
        self.policy, self.request, self.now = policy, request, now
        self.zone = policy["time_zone"]
        seen = [f for f in facts if f["at"] <= now and f["recorded_at"] <= now]
        corrected = {f.get("corrects", "") for f in seen} - {""}
        ours = ("", policy["id"])
        known = [f for f in seen if f["id"] not in corrected or self.holds(f)]
        self.facts = [f for f in known if f.get("programme", "") in ours]
        self.kinds: dict[str, list[Plain]] = {}
        for f in self.facts:
            self.kinds.setdefault(f["fact"], []).append(f)
        self.today = self.day(now)
        self.prescription = self.find_prescription()
        enrolment = newest(self.of("enrolment"))
        self.enrolment = enrolment
        self.category: str | None = enrolment["category"] if enrolment else None
        self.foreign = [f["id"] for f in self.of("prescription") if f["product"] not in policy["products"]]
        self.dispenses = [d for d in self.live_dispenses() if d["prescription"] not in self.foreign]
        self.stop = newest([f for f in self.of("treatment_change") if f["status"] == "stopped"])
        self.course = [d for d in self.dispenses if self.stop is None or d["at"] > self.stop["at"]]
        later = "pregnancy_test_after_first" if self.course else "pregnancy_test"
        self.standard: Plain | None = policy.get(later, policy.get("pregnancy_test"))
        self.negatives = [f for f in self.of("pregnancy_test") if self.is_accepted(f)]

    @staticmethod
    def holds(fact: Plain) -> bool:
        """Whether no correction can undo it: a positive test, a pregnancy report, a hold."""
        if fact["fact"] == "pregnancy_test":
            return bool(fact["result"] == "positive")
        if fact["fact"] == "report":
            return bool(fact["what"] == HOLDING_REPORT)
        return bool(fact["fact"] == "hold")

    def of(self, kind: str) -> list[Plain]:
        """All facts of one kind that count."""
        return self.kinds.get(kind, [])

    def day(self, moment: datetime) -> date:
        """The civil day in the policy's zone."""
        return civil_day(self.zone, moment)

    def start(self, day: date) -> datetime:
        """The first instant of a civil day."""
        return first_instant(self.zone, day)

    def end(self, day: date) -> datetime:
        """The exclusive end of a civil day."""
        return self.start(day + ONE_DAY)

    def span_end(self, span: Plain, start: datetime) -> datetime:
        """The exclusive end of a span that starts at that moment."""
        return span_end(self.zone, span, start)

    def in_course(self, kind: str) -> list[Plain]:
        """All facts of one kind after the newest stop, but for those on another programme's prescription."""
        return [
            f
            for f in self.of(kind)
            if (self.stop is None or f["at"] > self.stop["at"]) and f.get("prescription", "") not in self.foreign
        ]

    def find_prescription(self) -> Plain | None:
        """The prescription that is asked about, if it is known."""
        found = [f for f in self.of("prescription") if f["id"] == self.request["prescription"]]
        return found[0] if found else None

    def live_dispenses(self) -> list[Plain]:
        """All dispenses that were not reversed, oldest first."""
        reversed_ids = [f["dispense"] for f in self.of("reversal")]
        return sorted((f for f in self.of("dispense") if f["id"] not in reversed_ids), key=order)

    def flexible(self, name: str, moment: datetime) -> bool:
        """Whether a flexibility was in force at that moment."""
        rule = self.policy["flexibility"][name]
        until = rule.get("in_force_until")
        return (
            rule["switched_on"]
            and moment >= self.start(rule["in_force_from"])
            and (until is None or moment < self.end(until))
        )

    def is_accepted(self, test: Plain) -> bool:
        """Whether a test is an accepted negative."""
        rule = self.standard
        if rule is None or test["result"] != "negative":
            return False
        stated = test.get("sensitivity_miu_ml")
        if stated is None or stated > rule["least_sensitive"]:
            return False
        if test["test_kind"] not in rule["kinds"] or test["reporter"] not in rule["reporters"]:
            return False
        if test["place"] not in rule["places"]:
            flexibility = rule.get("places_by_flexibility", {}).get(test["place"])
            if flexibility is None or not self.flexible(flexibility, test["at"]):
                return False
        same = [f for f in self.of("pregnancy_test") if f["specimen"] == test["specimen"] and f["id"] != test["id"]]
        return not same

    def voided(self, fact: Plain) -> bool:
        """Whether an authorization or a confirmation was ended before its time."""
        named = [f["authorization"] for f in self.of("authorization_void")]
        named += [f["confirmation"] for f in self.of("confirmation_void")]
        named += [f["of"] for f in self.of("return_to_stock")]
        return fact["id"] in named

    def for_prescription(self, kind: str) -> list[Plain]:
        """All facts of one kind that name the prescription asked about."""
        return [f for f in self.of(kind) if f["prescription"] == self.request["prescription"]]

    def unvoided(self, kind: str) -> Plain | None:
        """The newest authorization or confirmation of the prescription that still stands."""
        return newest([f for f in self.for_prescription(kind) if not self.voided(f)])

    @cached_property
    def supply(self) -> tuple[int, bool, date | None]:
        """Live through every day: what is left, whether treatment runs, and the first day off treatment."""
        if not self.dispenses:
            return 0, True, None
        turns = [f for f in self.of("treatment_change") if order(f) > order(self.dispenses[0])]
        events = sorted(self.dispenses + self.of("return_to_stock") + turns, key=order)
        by_day: dict[date, list[Plain]] = {}
        for event in events:
            by_day.setdefault(self.day(event["at"]), []).append(event)
        day, hand = self.day(events[0]["at"]), InHand(self.dispenses)
        while True:
            for event in by_day.get(day, []):
                hand.happens(event, day)
            if day == self.today:
                break
            day += ONE_DAY
            hand.a_day_ends(day)
        return hand.left, hand.running, hand.off_since or self.today + timedelta(days=hand.left)


class InHand:
    """Days of treatment in hand, lived through event by event and day by day."""

    def __init__(self, dispenses: list[Plain]) -> None:
        self.dispenses = dispenses
        self.returned: list[str] = []
        self.left, self.running, self.after_stop = 0, True, False
        self.off_since: date | None = None

    def happens(self, event: Plain, day: date) -> None:
        """A dispense adds, a return takes away, a change of treatment stops or starts the use."""
        if event["fact"] == "dispense":
            self.left += event["days_supply"]
            self.running, self.after_stop = self.running or self.after_stop, False
        elif event["fact"] == "return_to_stock":
            gone = [d for d in self.dispenses if d["id"] == event["of"] and order(d) < order(event)]
            if gone and event["of"] not in self.returned:
                self.returned.append(event["of"])
                self.left = max(0, self.left - sum(d["days_supply"] for d in gone))
        elif event["status"] == "resumed":
            self.running = True
        else:
            self.running = False
            self.after_stop = self.after_stop or event["status"] == "stopped"
        self.look(day)

    def a_day_ends(self, next_day: date) -> None:
        """A civil day takes one off, while treatment runs."""
        if self.running and self.left > 0:
            self.left -= 1
            self.look(next_day)

    def look(self, day: date) -> None:
        """Whether there is treatment on a day: something in hand, and it is taken."""
        if self.running and self.left > 0:
            self.off_since = None
        elif self.off_since is None:
            self.off_since = day
