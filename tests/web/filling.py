"""Every form a prescriber fills in, with values that are taken, so that a test changes the one thing it is about."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from tests.services.world import PROGRAMME
from tests.web.visiting import House, Visitor

EARLIER = {"choice": "earlier"}
FORMS: dict[str, dict[str, Any]] = {
    "register": {
        "family_name": "Okoye", "given_name": "Ann", "mrn": "M-1",
        "birth_date__day": "17", "birth_date__month": "5", "birth_date__year": "1990",
    },
    "agreement": {
        "programme": PROGRAMME, "category": "adult_frp", "patient_signed": "y", "prescriber_signed": "y",
        "signed_at__choice": "now",
    },
    "evidence": {"basis": "hysterectomy", "seen_at__choice": "now"},
    "pregnancy-test": {
        "result": "negative", "specimen": "S-77", "sensitivity": "25", "test_kind": "serum", "place": "laboratory",
        "reporter": "laboratory", "result_at__choice": "now", "collected_at__day": "4", "collected_at__month": "1",
        "collected_at__year": "2026", "collected_at__hour": "9", "collected_at__minute": "30",
    },
    "contraception": {
        "method_1": "combined_pill", "since_1__day": "1", "since_1__month": "12", "since_1__year": "2025",
        "said_at__choice": "now",
    },
    "cycle": {"regularity": "regular", "said_at__choice": "now"},
    "counselling": {
        "topics": ["contraception"], "prescription": "none", "programme": PROGRAMME, "held_at__choice": "now",
    },
    "survey": {"whose": "patient", "prescription": "none", "programme": PROGRAMME, "done_at__choice": "now"},
    "report": {
        "what": "missed_menses", "happened_at__day": "4", "happened_at__month": "1", "happened_at__year": "2026",
    },
    "treatment": {"change": "interrupted", "changed_at__choice": "now"},
    "declaration": {"statements": ["counselled"], "declared_at__choice": "now"},
    "signed-form": {
        "which": "risk_awareness", "programme": PROGRAMME, "patient_signed": "y", "prescriber_signed": "y",
        "signed_at__choice": "now",
    },
    "review": {"conclusion": "yes", "reviewed_at__choice": "now"},
    "laboratory": {"panel": "creatinine_clearance", "number": "55", "taken_at__choice": "now"},
    "reaction": {"reaction": "rash", "product": "thalidomide", "grade": "4", "happened_at__choice": "now"},
    "considered": {"concern": "reaction_history", "considered_at__choice": "now"},
    "prescribe": {
        "product": "lenalidomide", "category": "adult_frp", "channel": "electronic", "quantity": "21",
        "units_per_day": "1", "days_on": "21", "cycle_days": "28", "refills": "0",
    },
    "hold": {"reason": "A second look is wanted"},
}  # fmt: skip


@dataclass
class Desk:
    """A prescriber at the page of one enrolled patient."""

    house: House
    visitor: Visitor
    patient: str

    def path(self, form: str) -> str:
        """Where a form stands."""
        own = f"/patients/{self.patient}"
        places = {"register": "/patients/register", "prescribe": f"{own}/prescriptions/new", "hold": f"{own}/holds/new"}
        return places.get(form, f"{own}/record/{form}")

    def send(self, form: str, **changes: Any) -> list[str]:
        """Send a form with changes; give what the error summary says, and nothing if it was taken."""
        said = FORMS[form] | changes
        if form == "declaration" and "prescription" not in said:
            said["prescription"] = self.house.world.prescribed(patient=self.patient)
        response = self.visitor.send(self.path(form), **said)
        if response.status_code == 303:
            return []
        assert response.status_code == 400, response.status_code
        return problems(response.text)

    def stored(self) -> tuple[int, int, int]:
        """How much is on record: facts of the patient, patients of the site, entries of the log."""
        from compliance.services import patients

        world = self.house.world
        kept = [one for one in world.entries() if one["type"] != "record.read"]  # looking is logged, and may be
        view = patients.get_patient(world.app, world.prescriber, self.patient)
        return len(view.facts), len(patients.find_patients(world.app, world.prescriber, "")), len(kept)


def problems(text: str) -> list[str]:
    """The lines of the error summary, each of which must lead to an input that is there."""
    _, found, rest = text.partition("nhsuk-error-summary__list")
    assert found, "no error summary"
    items = re.findall(r"<li[^>]*>(.*?)</li>", rest.partition("</ul>")[0], re.DOTALL)
    lines = [("".join(re.findall(r'href="#([^"]+)"', one)), re.sub(r"<[^>]+>", "", one).strip()) for one in items]
    assert lines
    for target, _ in lines:
        assert not target or f'id="{target}"' in text, target
    return [html.unescape(line) for _, line in lines]


def desk(house: House, category: str = "adult_frp") -> Desk:
    """Sit down with a patient."""
    return Desk(house, house.visitor("prescriber"), house.world.enrolled(category))
