"""Holds a patient, and records what each clinician concludes. Tightening takes one person, loosening two."""

from compliance.domain.access import Verb
from compliance.domain.facts import Fact, Hold, HoldReview, ReviewOutcome
from compliance.services.actor import Actor
from compliance.services.acts import Act, new_id, perform
from compliance.services.app import App
from compliance.services.authorizing import read_reason
from compliance.services.errors import no_such
from compliance.services.records import canonical_form, hold_named
from compliance.services.returning import FACT


def place_hold(app: App, actor: Actor, patient: str, reason: str, *, key: str = "") -> Fact:
    """Hold a patient: every step is refused until the hold is reviewed and lifted."""

    def unit(act: Act) -> Fact:
        held = hold_named(act, patient)
        at = held.tick()
        fact = Hold(id=new_id("h"), at=at, recorded_at=at, actor=actor.id, reason=read_reason(reason))
        held.learn(fact)
        act.log("hold.placed", refs={"hold": fact.id}, patient=held.row, hidden={"fact": canonical_form(fact)})
        return fact

    return perform(app, actor, Verb.PLACE_HOLD, unit, FACT, key=key, given=[patient, reason]).answer


def review_hold(  # noqa: PLR0917 - one argument for each thing said
    app: App, actor: Actor, patient: str, of: str, outcome: ReviewOutcome, reason: str, *, key: str = ""
) -> Fact:
    """State one clinician's conclusion about what holds a patient; `of` names the test, report or hold."""

    def unit(act: Act) -> Fact:
        held = hold_named(act, patient)
        if of not in {cause.id for cause in held.record().as_of(held.at).causes}:
            raise no_such("cause of a hold")
        at = held.tick()
        fact = HoldReview(
            id=new_id("w"),
            at=at,
            recorded_at=at,
            actor=actor.id,
            reason=read_reason(reason),
            of=of,
            outcome=outcome,
        )
        held.learn(fact)
        act.log(
            "hold.reviewed", outcome=outcome.value, refs={"of": of}, patient=held.row,
            hidden={"fact": canonical_form(fact)},
        )  # fmt: skip
        return fact

    given = [patient, of, outcome, reason]
    return perform(app, actor, Verb.REVIEW_HOLD, unit, FACT, key=key, given=given).answer
