"""Raises the tasks of a decision that lets supply go on but wants somebody to act, in the same transaction."""

from compliance.domain.decision import Decision
from compliance.domain.facts import Referral
from compliance.domain.record import Record
from compliance.services.acts import new_id
from compliance.services.records import Held, canonical_form


def refer(held: Held, record: Record, made: Decision) -> dict[str, object]:
    """Store one referral for each requirement that refers and was not referred for this prescription before.

    Gives what the log's entry commits to. A task is open for as long as its requirement is unmet; the pages show
    it from the decision, so nothing has to be closed by hand.
    """
    asked = made.request.prescription
    raised_before = {r.requirement for r in record.as_of(made.at).all(Referral) if r.prescription == asked}
    raised: list[Referral] = []
    for finding in made.referred:
        if finding.requirement in raised_before:
            continue
        at = held.tick()
        raised.append(
            Referral(
                id=new_id("r"), at=at, recorded_at=at, actor=held.act.actor.id, prescription=asked,
                requirement=finding.requirement, reason=finding.code,
            )
        )  # fmt: skip
    if raised:
        held.learn(*raised)
    return {f"referral.{place}": canonical_form(fact) for place, fact in enumerate(raised)}
