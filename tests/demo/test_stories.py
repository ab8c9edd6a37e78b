"""Each story comes to what it is there to show, whatever day the demonstration is loaded on."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from compliance.demo.case import Case
from compliance.demo.fhir import read_folder
from compliance.demo.schedule import run_until
from compliance.demo.stories import Plot, blocked, held, pregnant, ready, steady, waiting
from compliance.domain.facts import Handover, Step
from compliance.services import deciding, dispensing
from tests.demo.pilot import MAN, WOMAN, case_of, pilot
from tests.shared import shared

ENDS = [
    datetime(2026, 6, 15, 18, 0, tzinfo=UTC),
    datetime(2026, 3, 9, 0, 30, tzinfo=UTC),  # the evening on which American clocks have gone forward
    datetime(2026, 11, 2, 5, 30, tzinfo=UTC),  # the night after they have gone back
    datetime(2026, 3, 31, 12, 0, tzinfo=UTC),  # no such day in February
    datetime(2026, 4, 2, 3, 0, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 59, tzinfo=UTC),
    datetime(2027, 1, 1, 0, 0, tzinfo=UTC),
]
THREE_REASONS = ["EVALUATION_PENDING", "CONTRACEPTION_TOO_FEW", "PATIENT_SURVEY_OVERDUE"]


def play(case: Case, plot: Plot) -> None:
    run_until(case.until, case.programme.clock, [plot(case)], lambda _: None)


@pytest.mark.parametrize("end", ENDS, ids=str)
def test_the_present_states_are_what_they_are_shown_for(sqlite_url: str, tmp_path: Path, end: datetime) -> None:
    with pilot(sqlite_url, tmp_path, end) as programme:
        cases = {
            plot: case_of(programme, MAN if plot is waiting else WOMAN, end, number)
            for number, plot in enumerate((waiting, ready, blocked, held))
        }
        run_until(end, programme.clock, [plot(case) for plot, case in cases.items()], lambda _: None)
        found = {}
        for number, why in programme.shown:
            view = dispensing.look_up(programme.app, programme.people["evans"], number)
            assert view.decision is not None
            found[why.partition(" ")[0]] = (
                view.prescription.state,
                view.decision.request.step,
                list(view.decision.codes),
            )
        assert found == {
            "authorized:": ("authorized", Step.CONFIRM, []),
            "confirmed": ("confirmed", Step.DISPENSE, []),
            "authorized,": ("authorized", Step.CONFIRM, THREE_REASONS),
            "voided": (
                "issued",
                Step.CONFIRM,
                ["HELD_POSITIVE_TEST", "LATEST_TEST_NOT_NEGATIVE", "AUTHORIZATION_VOIDED"],
            ),
        }
        ready_one = next(number for number, why in programme.shown if why.startswith("confirmed"))
        done = dispensing.dispense(programme.app, programme.people["evans"], ready_one, Handover.IN_PERSON)
        assert done.is_allowed


def test_a_pregnancy_on_record_holds_the_patient_from_the_first_day(sqlite_url: str, tmp_path: Path) -> None:
    end = ENDS[0]
    with pilot(sqlite_url, tmp_path, end) as programme:
        play(case_of(programme, WOMAN, end), pregnant)
        assert programme.tally == Counter({
            "test negative": 1, "pregnancy reported": 1, "authorize denied": 1, "HELD_PREGNANCY_REPORT": 1,
            "TEST_NOT_IN_WINDOW": 1,
        })  # fmt: skip


def test_a_girl_becomes_an_adult_and_signs_for_herself(sqlite_url: str, tmp_path: Path) -> None:
    end = ENDS[0]
    girl = WOMAN.__class__(
        source="girl.json", family_name="Fernández", given_name="Lucía", sex="female", identifiers=(),
        birth_date=date(end.year - 18, 5, 20),
    )  # fmt: skip
    with pilot(sqlite_url, tmp_path, end) as programme:
        case = case_of(programme, girl, end)
        play(case, steady)
        assert case.category == "adult_frp"
        assert (programme.tally["dispense allowed"], programme.tally["authorize denied"]) == (2, 0)


def test_all_of_the_shared_set_are_registered_in_the_strictest_category_that_fits(
    sqlite_url: str, tmp_path: Path
) -> None:
    taken, _ = read_folder(shared("data", "synthea-patients"))
    end = ENDS[0]
    with pilot(sqlite_url, tmp_path, end, days=1) as programme:
        cases = [case_of(programme, said, end, number) for number, said in enumerate(taken)]
        stop = programme.clock.now() + timedelta(minutes=1)
        run_until(stop, programme.clock, [steady(case) for case in cases], lambda _: None)
        assert Counter(case.category for case in cases) == Counter(
            adult_frp=32, adult_male=10, child_frp=2, child_male=2
        )


def test_a_preview_of_the_blocked_one_says_the_same_to_the_prescriber(sqlite_url: str, tmp_path: Path) -> None:
    end = ENDS[0]
    with pilot(sqlite_url, tmp_path, end) as programme:
        play(case_of(programme, WOMAN, end), blocked)
        number = programme.shown[0][0]
        rx = dispensing.look_up(programme.app, programme.people["evans"], number).prescription.prescription.id
        made = deciding.preview(programme.app, programme.people["amin"], Step.AUTHORIZE, rx)
        assert list(made.codes) == [*THREE_REASONS, "ALREADY_AUTHORIZED"]
