"""The naive gate on declarations, signed forms, independent views and ways of handing over.

Written from `policies/README.md` alone.
"""

from __future__ import annotations

from tests.oracle.spans import add_months
from tests.oracle.world import Plain, Says, World, met, newest


def declared(rule: Plain, world: World) -> Says:
    """The prescriber ticked what must be ticked, and exactly one of what excludes each other."""
    declaration = newest(world.for_prescription("declaration"))
    if declaration is None:
        return "DECLARATION_MISSING", world.now
    said = set(declaration["statements"])
    either = [word for word in rule["exactly_one_of"] if word in said]
    if not set(rule["statements"]) <= said or (rule["exactly_one_of"] and not either):
        return "DECLARATION_INCOMPLETE", world.now
    return ("DECLARATION_CONTRADICTS", world.now) if len(either) > 1 else met()


def acknowledged(rule: Plain, world: World) -> Says:
    """The newest form is signed by both, and young enough."""
    form = newest([f for f in world.of("acknowledgement") if f["form"] == rule["form"]])
    if form is None:
        return "ACKNOWLEDGEMENT_MISSING", world.now
    if not (form["patient_signed"] and form["prescriber_signed"]):
        return "ACKNOWLEDGEMENT_UNSIGNED", world.now
    ends = world.span_end(rule["every"], form["at"])
    return ("ACKNOWLEDGEMENT_OVERDUE", world.now) if world.now >= ends else met(ends)


def signed(rule: Plain, world: World) -> Says:
    """The newest form is no later than the prescription, and signed by both."""
    form = newest([f for f in world.of("acknowledgement") if f["form"] == rule["form"]])
    if form is None or world.prescription is None or form["at"] > world.prescription["at"]:
        return "ACKNOWLEDGEMENT_MISSING", world.now
    is_signed = form["patient_signed"] and form["prescriber_signed"]
    return met() if is_signed else ("ACKNOWLEDGEMENT_UNSIGNED", world.now)


def independent_reviews(rule: Plain, world: World) -> Says:
    """Old enough, or enough different people support it and nobody's last word is against."""
    if world.enrolment is not None:
        birthday = add_months(world.enrolment["birth_date"], 12 * rule["under_age"], waiting=True)
        if world.today >= birthday:
            return met()
    reviews = world.of("independent_review")
    people = {f["reviewer"] for f in reviews}
    last_words = [newest([f for f in reviews if f["reviewer"] == person]) for person in people]
    if [word for word in last_words if word and not word["supports"]]:
        return "REVIEW_AGAINST", world.now
    return met() if len(people) >= rule["reviewers"] else ("REVIEW_MISSING", world.now)


def handed_over(rule: Plain, world: World) -> Says:
    """The product leaves in an accepted way."""
    handover = world.request.get("handover")
    if handover is None:
        return "HANDOVER_UNKNOWN", world.now
    return met() if handover in rule["accepted"] else ("HANDOVER_NOT_ACCEPTED", world.now)
