"""What a pharmacy may see of a prescription when it has the authorization number."""

from dataclasses import dataclass

from compliance.domain.access import Verb
from compliance.domain.decision import Decision
from compliance.domain.facts import Handover, Step
from compliance.domain.record import Record
from compliance.services.actor import Actor, permit
from compliance.services.acts import guarded, moment
from compliance.services.app import App
from compliance.services.deciding import decision_for, of_this_number, subjects
from compliance.services.errors import no_such
from compliance.services.patients import PatientSummary, summary_of
from compliance.services.reading import log_read
from compliance.services.records import after, load, prescription_in, readable_number
from compliance.services.standing import PrescriptionState, standing
from compliance.storage import facts, patients, people, states


@dataclass(frozen=True, slots=True)
class PrescriptionView:
    """A patient with two identifiers, the prescription, and what the gate says to the next step."""

    patient: PatientSummary
    prescription: PrescriptionState
    decision: Decision | None
    prescriber_name: str


def look_up(app: App, actor: Actor, number: str, handover: Handover | None = Handover.IN_PERSON) -> PrescriptionView:
    """Show what stands behind an authorization number; that somebody looked is logged.

    The decision is a preview; for a confirmed supply it is asked as if the product were handed over.
    """
    permit(actor, Verb.LOOK_UP)
    with guarded():
        with app.db.read() as uow:
            authorization = states.authorization_by_number(uow, readable_number(number))
            row = patients.find(uow, authorization.patient) if authorization else None
            if authorization is None or row is None:
                raise no_such("authorization")
            record = load(uow, row.id)
            at = after(row, moment(app))
            issued = prescription_in(record, authorization.prescription)
            record = Record([*record.facts, *facts.about(uow, subjects(actor, issued))])
            state = _of(standing(uow, row.id, record.as_of(at), at), issued.id)
            ids = patients.identifiers(uow, [row.id]).get(row.id, ())
            name = people.names(uow, {issued.prescriber}).get(issued.prescriber, issued.prescriber)
        # A pharmacy never authorizes: where that is the next step, it sees why it may not confirm.
        step = Step.CONFIRM if state.next_step is Step.AUTHORIZE else state.next_step
        made = None
        if step is not None:
            made = decision_for(app, actor, step, issued, record, at=at, handover=handover)
            made = of_this_number(made, record, authorization)
        log_read(app, actor, row, authorization=authorization.id)
    return PrescriptionView(summary_of(row, ids), state, made, name)


def _of(found: tuple[PrescriptionState, ...], prescription: str) -> PrescriptionState:
    state = next((one for one in found if one.prescription.id == prescription), None)
    if state is None:
        raise no_such("authorization")
    return state
