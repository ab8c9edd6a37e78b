"""The product and both engines give the same answer for every patient, and a planted difference is caught."""

from collections.abc import Iterator

import pytest

from compliance.clock import FixedClock
from compliance.services.actor import operator
from compliance.services.worklist import worklist
from tests.bench import policies, population, rivals
from tests.fixtures.databases import SqliteFactory
from tests.services import world
from tests.services.world import World

PATIENTS = 600


@pytest.fixture(scope="module")
def peopled(sqlite_factory: SqliteFactory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with sqlite_factory.fresh() as url:
        made = world.build(url, tmp_path_factory.mktemp("bench"), FixedClock(policies._BUILT))
        population.seed(made.app.db, made, PATIENTS, policies.NOW)
        yield made
        made.app.close()


@pytest.fixture(scope="module")
def ours(peopled: World) -> dict[str, policies.Answer]:
    return policies.answers_of(worklist(peopled.app, operator(), population.PROGRAMME, policies.NOW))


@pytest.mark.parametrize("name", policies.ENGINES)
def test_an_engine_gives_the_product_s_answer_for_every_patient(
    name: str, peopled: World, ours: dict[str, policies.Answer]
) -> None:
    theirs, _ = policies.ask_rival(peopled.app.db, policies.ENGINES[name](), policies.NOW)
    policies.compare(name, ours, theirs)
    assert len(theirs) == PATIENTS
    assert 0 < sum(is_allowed for is_allowed, _ in theirs.values()) < PATIENTS


def test_every_rule_of_the_engines_is_unmet_for_somebody_and_met_for_somebody(
    ours: dict[str, policies.Answer],
) -> None:
    unmet = {name for _, found in ours.values() for name in found}
    assert set(rivals.RULES) - unmet == set()
    assert any(is_allowed for is_allowed, _ in ours.values())


def test_a_planted_difference_is_caught(peopled: World, ours: dict[str, policies.Answer]) -> None:
    planted = rivals.cedar_policies().replace("context.survey_days_over <= 0", "context.survey_days_over <= 400")
    theirs, _ = policies.ask_rival(peopled.app.db, rivals.Cedar(planted), policies.NOW)
    with pytest.raises(policies.Disagreement, match="-survey"):
        policies.compare("cedarpy", ours, theirs)


def test_a_difference_in_one_number_of_the_other_engine_is_caught(
    peopled: World, ours: dict[str, policies.Answer]
) -> None:
    content = rivals.zen_content()
    [days] = [one for one in content["nodes"][1]["content"]["expressions"] if one["key"] == "days-supply"]
    days["value"] = "treatment_days <= 56"
    theirs, _ = policies.ask_rival(peopled.app.db, rivals.Zen(content), policies.NOW)
    with pytest.raises(policies.Disagreement, match="days-supply"):
        policies.compare("zen-engine", ours, theirs)


def test_a_patient_who_is_left_out_is_caught(ours: dict[str, policies.Answer]) -> None:
    with pytest.raises(policies.Disagreement, match=f"{PATIENTS - 1} patients"):
        policies.compare("some", ours, dict(list(ours.items())[1:]))
