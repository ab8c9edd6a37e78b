"""Many patients of the lenalidomide programme, each with a history of a dozen to twenty facts, the same every time.

Half are females of reproductive potential, half males. Each stands somewhere on the way to a supply, and most have
one thing in disorder: a stale test, a survey overdue, a confirmation too old, a hold, a wrong dose ...
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from compliance.domain.span import Instant
from compliance.domain.wire import write_instant
from compliance.storage.database import Database
from compliance.storage.tables import authorization, confirmation, fact, patient
from tests.services.world import PHARMACIST_TOPICS, REGIMEN, World

PROGRAMME = "us/lenalidomide-rems"
DISORDERS = (
    "stale_test", "insensitive_test", "home_test", "doubtful_test", "shared_specimen", "positive", "hold",
    "bleeding", "survey_overdue", "no_survey", "one_method", "weak_methods", "new_methods", "no_talk",
    "half_talk", "no_pharmacy_talk", "no_guide", "too_much", "refills", "wrong_category", "unsigned", "minor",
    "old_confirmation", "voided", "verbal", "early", "late_agreement", "long_off", "uncertified",
    "other_pharmacy", "missed_test", "irregular", "no_first_talk", "corrected_test", "recategorised",
)  # fmt: skip
STAGES = ("enrolled", "prescribed", "authorized", "confirmed", "confirmed", "confirmed", "counselled", "counselled",
          "counselled", "counselled", "dispensed")  # fmt: skip
_BATCH = 2_000


@dataclass
class Story:
    """One patient's facts as they are told, oldest first in the main."""

    id: str
    people: dict[str, str]
    now: Instant
    facts: list[dict[str, Any]] = field(default_factory=list)

    def add(self, kind: str, ago: timedelta, name: str = "", **members: Any) -> str:
        """Add a fact that was true so long ago and learned a minute later; its id."""
        own = name or f"f_{self.id[2:]}_{len(self.facts)}"
        at = self.now - ago
        actor = self.people[members.pop("who", "prescriber")]
        plain = {"fact": kind, "id": own, "at": write_instant(at)}
        plain |= {"recorded_at": write_instant(at + timedelta(seconds=60 + len(self.facts))), "actor": actor}
        self.facts.append(plain | members)
        return own

    def test(self, ago: timedelta, result: str = "negative", **more: Any) -> str:
        """A laboratory test, resulted at once."""
        own = f"f_{self.id[2:]}_{len(self.facts)}"
        members = {
            "result": result, "resulted_at": write_instant(self.now - ago), "sensitivity_miu_ml": 25,
            "test_kind": "serum", "place": "laboratory", "reporter": "laboratory", "specimen": f"S{own}",
        }  # fmt: skip
        return self.add("pregnancy_test", ago, own, **(members | more))


def _day(story: Story, days: int) -> str:
    return (story.now - timedelta(days=days)).date().isoformat()


def _round(story: Story, ago: timedelta, through: str, category: str, wrong: str, *, first: bool, old: bool) -> None:
    """One supply, from counselling to handing over."""
    hour = timedelta(hours=1)
    rx = f"f_{story.id[2:]}_rx{'0' if old else '1'}"
    wrong = "" if old else wrong
    topics = ["contraception", "emergency_contraception"]
    if first and wrong != "no_first_talk":
        first_topics = ["benefits_and_risks", "boxed_warning", "survey_duty"]
        story.add("counselling", ago + 4 * hour, by="prescriber", topics=first_topics)
    on_paper = (
        {"adult_frp": "adult_male", "adult_male": "adult_frp"}[category] if wrong == "wrong_category" else category
    )
    regimen = (
        REGIMEN | ({"quantity": 42} if wrong == "too_much" else {}) | ({"refills": 1} if wrong == "refills" else {})
    )
    story.add(
        "prescription", ago + 3 * hour, rx, product="lenalidomide", category=on_paper,
        prescriber=story.people["prescriber"], channel="telephone" if wrong == "verbal" else "electronic", **regimen,
    )  # fmt: skip
    if wrong != "no_talk":
        held = topics[:1] if wrong == "half_talk" else topics
        story.add("counselling", ago + 3 * hour, by="prescriber", topics=held, prescription=rx)
    story.add("survey", ago + 2.9 * hour, whose="prescriber", prescription=rx)
    if through == "prescribed":
        return
    an = story.add("authorization", ago + 2.5 * hour, f"{rx}a", number=f"A{rx}", prescription=rx, category=category)
    if wrong == "voided":
        story.add("authorization_void", ago + 1.8 * hour, authorization=an)
    if through == "authorized":
        return
    where = "elsewhere" if wrong == "other_pharmacy" else "pharmacy"
    before = ago + timedelta(hours=26 if wrong == "old_confirmation" else 2)
    story.add(
        "confirmation", before, f"{rx}c", who="pharmacist", number=f"C{rx}", authorization=an, prescription=rx,
        pharmacy=story.people[where],
    )  # fmt: skip
    if through == "confirmed":
        return
    if wrong != "no_pharmacy_talk":
        members: dict[str, Any] = {"by": "pharmacist", "topics": sorted(PHARMACIST_TOPICS), "prescription": rx}
        story.add("counselling", ago + 1.5 * hour, who="pharmacist", **members)
    for item in ("counselling_checklist", "medication_guide")[: 1 if wrong == "no_guide" else 2]:
        story.add("material", ago + 1.4 * hour, who="pharmacist", item=item, prescription=rx)
    if through == "dispensed":
        story.add(
            "dispense", ago + hour, f"{rx}d", who="pharmacist", prescription=rx, confirmation=f"{rx}c",
            pharmacy=story.people["pharmacy"], handover="in_person", days_supply=28,
        )  # fmt: skip


def _before(  # noqa: PLR0917 - one argument for each thing told
    story: Story, chance: random.Random, category: str, wrong: str, began: timedelta, since: int
) -> None:
    """Agreement, contraception and the like, before any supply."""
    age = 17 if wrong == "minor" else chance.randrange(19, 60)
    signed = date(story.now.year - age, 1, 1 + chance.randrange(28)).isoformat()
    signs_at = timedelta(hours=1) if wrong == "late_agreement" else began + timedelta(days=30)
    named = "adult_male" if wrong == "recategorised" and category == "adult_frp" else category
    story.add(
        "enrolment", signs_at, category=named, birth_date=signed, patient_signed=wrong != "unsigned",
        guardian_signed=False, prescriber_signed=True, prescriber=story.people["prescriber"],
    )  # fmt: skip
    methods = [("male_condom", since)]
    if category == "adult_frp":
        methods.insert(0, ("diaphragm" if wrong == "weak_methods" else "combined_pill", since))
        story.add("cycle", began + timedelta(days=29), regularity="irregular" if wrong == "irregular" else "regular")
    methods = methods[:1] if wrong == "one_method" else methods
    if wrong == "one_method" and category == "adult_male":
        methods = [("own_vasectomy", since)]
    told = [{"method": method, "since": _day(story, days)} for method, days in methods]
    story.add("contraception", began + timedelta(days=28, hours=1), methods=told)


def _tests(story: Story, chance: random.Random, wrong: str, last: timedelta, first_round: timedelta | None) -> None:
    """The tests of a female of reproductive potential: two before the first supply, weekly, then the newest."""
    if first_round is None:
        story.test(last + timedelta(days=16 if wrong == "stale_test" else chance.randrange(10, 13)))
    else:
        story.test(first_round + timedelta(days=11))
        story.test(first_round + timedelta(hours=5))
        missed = chance.randrange(3) if wrong == "missed_test" else -1
        for week in range(3):
            if week != missed:
                story.test(first_round - timedelta(days=7 * (week + 1)))
    members: dict[str, Any] = {}
    members |= {"sensitivity_miu_ml": 100} if wrong == "insensitive_test" else {}
    members |= {"place": "home"} if wrong == "home_test" else {}
    newest = last + timedelta(days=9 if wrong == "stale_test" else 0, hours=5)
    made = story.test(newest, **members)
    if wrong == "corrected_test":
        plain = {**story.facts[-1], "corrects": made, "result": "indeterminate", "id": f"{made}x"}
        order = ["fact", "id", "at", "recorded_at", "actor", "corrects"]
        moved = datetime.fromisoformat(plain["recorded_at"]) + timedelta(minutes=5)
        plain["recorded_at"] = write_instant(moved)
        story.facts.append({n: plain[n] for n in order} | {n: v for n, v in plain.items() if n not in order})
    if wrong == "doubtful_test":
        story.test(last + timedelta(hours=1), "indeterminate")
    if wrong == "shared_specimen":
        story.test(last + timedelta(hours=4), specimen=f"S{made}")


def story_of(at: int, people: dict[str, str], now: Instant) -> Story:
    """The patient of this place in the row."""
    chance = random.Random(at)
    story = Story(f"p_{chance.getrandbits(96):024x}_{at}", people, now)
    category = chance.choice(("adult_frp", "adult_male"))
    wrong = chance.choice(DISORDERS) if chance.random() < 0.7 else ""
    stage = chance.choice(STAGES)
    is_later = chance.random() < 0.5
    last = timedelta(minutes=chance.randrange(1, 300))
    gap = 400 if wrong == "long_off" else 15 if wrong == "early" else 28
    first_round = timedelta(days=gap) + last if is_later else None
    people = {**people} | ({"prescriber": people["lapsed"]} if wrong == "uncertified" else {})
    story.people = people
    began = first_round or last
    _before(story, chance, category, wrong, began, 10 if wrong == "new_methods" else 60 + gap)
    if first_round is not None and wrong not in ("survey_overdue", "no_survey"):
        story.add("survey", first_round + timedelta(hours=3), whose="patient")
    if first_round is not None:
        _round(story, first_round, "dispensed", category, wrong, first=True, old=True)
    if category == "adult_frp":
        _tests(story, chance, wrong, last, first_round)
    if wrong != "no_survey":
        story.add(
            "survey", timedelta(days=40) if wrong == "survey_overdue" else last + timedelta(hours=3.5), whose="patient"
        )
    if stage != "enrolled":
        _round(story, last, stage, category, wrong, first=not is_later, old=False)
    _events(story, wrong, last)
    return story


def _events(story: Story, wrong: str, last: timedelta) -> None:
    if wrong == "positive":
        story.test(last, "positive")
    elif wrong == "hold":
        story.add("hold", last + timedelta(hours=6))
    elif wrong == "bleeding":
        story.add("report", last + timedelta(hours=6), what="abnormal_bleeding")


def seed(db: Database, world: World, count: int, now: Instant, *, first: int = 0) -> int:
    """Store so many patients; how many facts they have."""
    people = {
        "prescriber": world.prescriber.id, "pharmacist": world.pharmacist.id, "pharmacy": world.pharmacist.site,
        "elsewhere": world.other_pharmacist.site, "lapsed": "u_lapsed",
    }  # fmt: skip
    total = 0
    for start in range(first, first + count, _BATCH):
        stories = [story_of(at, people, now) for at in range(start, min(start + _BATCH, first + count))]
        total += sum(len(story.facts) for story in stories)
        with db.write() as uow:
            uow.execute(insert(patient), [_patient_row(story, world.prescriber.site) for story in stories])
            uow.execute(insert(fact), [row for story in stories for row in _fact_rows(story)])
            for table in (authorization, confirmation):
                if rows := [row for story in stories for row in _state_rows(story, table.name)]:
                    uow.execute(insert(table), rows)
    return total


def _patient_row(story: Story, site: str) -> dict[str, str]:
    born = next(f["birth_date"] for f in story.facts if f["fact"] == "enrolment")
    learned = max(f["recorded_at"] for f in story.facts)
    names = {"family_name": "Okoye", "given_name": "Ann", "search_name": "okoye ann", "birth_date": born}
    return {"id": story.id, "site": site, "created_at": learned, "learned_at": learned, **names}


def _fact_rows(story: Story) -> Iterator[dict[str, str]]:
    learned = set()
    for plain in story.facts:
        if plain["recorded_at"] in learned:
            raise ValueError(f"{story.id}: two facts learned at once")
        learned.add(plain["recorded_at"])
        common = {"id": plain["id"], "patient": story.id, "kind": plain["fact"]}
        common |= {"at": plain["at"], "recorded_at": plain["recorded_at"]}
        yield common | {"body": json.dumps(plain, ensure_ascii=False, separators=(",", ":"))}


def _state_rows(story: Story, kind: str) -> Iterator[dict[str, str]]:
    own = {"authorization": {}, "confirmation": {"authorization": "authorization", "pharmacy": "pharmacy"}}[kind]
    used = {f["prescription"] for f in story.facts if f["fact"] == "dispense"}
    for plain in story.facts:
        if plain["fact"] == kind:
            row = {"id": plain["id"], "txn": f"t_{plain['id']}", "number": plain["number"], "patient": story.id}
            row |= {"prescription": plain["prescription"], "issued_at": plain["at"], "ends_at": ""}
            is_void = any(
                f.get("authorization") == plain["id"] for f in story.facts if f["fact"] == "authorization_void"
            )
            status = "dispensed" if plain["prescription"] in used else "voided" if is_void else "active"
            yield row | {"status": status} | {name: plain[member] for name, member in own.items()}
