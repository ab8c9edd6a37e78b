"""`kelsey worklist` lists everybody who is enrolled, for people and for programs, and refuses what it cannot read."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from compliance.clock import FixedClock
from tests.cli.conftest import Kelsey
from tests.services import world


@pytest.fixture
def ready(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A programme with one patient whose supply was confirmed and one with a new prescription."""
    url = f"sqlite:///{var}/kelsey.db"
    monkeypatch.setenv("KELSEY_DATABASE_URL", url)
    built = world.build(url, var, FixedClock(datetime(2026, 1, 5, 15, 0, tzinfo=UTC)))
    built.confirmed()
    built.prescribed()
    built.app.close()


AT = "2026-01-05T15:30:00+00:00"


@pytest.mark.usefixtures("ready")
def test_a_line_for_each_patient_then_the_count(kelsey: Kelsey) -> None:
    said = kelsey("worklist", "us/lenalidomide-rems", "--at", AT)
    lines = said.out.splitlines()
    assert (said.code, said.err, lines[-1]) == (0, "", "2 patients: 1 allow, 1 refuse")
    [allowed] = [line for line in lines if line.startswith("ALLOW ")]
    [refused] = [line for line in lines if line.startswith("REFUSE ")]
    assert allowed.endswith(" until 2026-01-06 10:00:00.000012 EST")
    assert "authorization-others AUTHORIZATION_MISSING; confirmation CONFIRMATION_MISSING" in refused
    assert refused.endswith("(from 2026-01-05 10:30 EST)")


@pytest.mark.usefixtures("ready")
def test_programs_get_one_json_object_a_line(kelsey: Kelsey) -> None:
    said = kelsey("worklist", "us/lenalidomide-rems", "--at", AT, "--json")
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert sorted(line["outcome"] for line in lines) == ["allow", "refuse"]
    [refused] = [line for line in lines if line["outcome"] == "refuse"]
    assert refused["due"][-1] == {
        "requirement": "confirmation", "code": "CONFIRMATION_MISSING", "weight": "refuse",
        "opens": "by_a_new_fact", "earliest_at": "2026-01-05T15:30:00.000000Z",
    }  # fmt: skip
    assert set(refused) == {"patient", "prescription", "category", "outcome", "valid_until", "earliest_at", "due"}


@pytest.mark.usefixtures("ready")
def test_several_processes_print_the_same(kelsey: Kelsey) -> None:
    alone = kelsey("worklist", "us/lenalidomide-rems", "--at", AT)
    assert kelsey("worklist", "us/lenalidomide-rems", "--at", AT, "--processes", 2).out == alone.out


@pytest.mark.usefixtures("ready")
def test_what_cannot_be_asked_is_refused_in_one_line(kelsey: Kelsey) -> None:
    nobody = kelsey("worklist", "us/none")
    when = kelsey("worklist", "us/lenalidomide-rems", "--at", "yesterday")
    none = kelsey("worklist", "us/lenalidomide-rems", "--processes", 0)
    assert [said.out for said in (nobody, when, none)] == ["", "", ""]
    assert (nobody.code, nobody.err.startswith("kelsey: programme: give one of: ")) == (1, True)
    assert (when.code, when.err) == (
        2, "kelsey: --at: write a time as 2026-03-07T14:30:00-05:00 (given: yesterday)\n"
    )  # fmt: skip
    assert (none.code, none.err) == (2, "kelsey: --processes is 1 or more\n")


@pytest.mark.usefixtures("ready")
def test_a_step_may_be_asked_about_before_it_is_reached(kelsey: Kelsey) -> None:
    said = kelsey("worklist", "us/lenalidomide-rems", "--at", AT, "--step", "authorize")
    assert said.out.splitlines()[-1] == "2 patients: 1 allow, 1 refuse"
