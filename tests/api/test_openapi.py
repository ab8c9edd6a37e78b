"""The published document is valid, names every route, closes every shape, and the API does what it says."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from compliance.api.openapi import specification
from compliance.api.operations import OPERATIONS, PREFIX, Operation
from tests.api.caller import Site, site

if TYPE_CHECKING:
    from tests.fixtures.databases import SqliteFactory

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
EXAMPLES = 12


@pytest.fixture(scope="module")
def shared(sqlite_factory: "SqliteFactory", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One programme for all that is tried."""
    with sqlite_factory.fresh() as url, site(url, tmp_path_factory.mktemp("shared")) as found:
        yield found


@pytest.fixture(scope="module")
def names(shared: Site) -> dict[str, list[str]]:
    """Names in paths that stand for something, and one that does not."""
    world = shared.world
    patient = world.enrolled()
    number, dispensed = world.dispensed()
    rx = world.prescribed(patient=patient)
    survey = world.say(world.prescriber, patient, "survey", whose="patient").fact.id
    numbers = [number, world.authorized().number, "2222-2222-2222-2"]
    return {
        "patient": [patient, rx, "p_0"],
        "fact": [survey, "f_0"],
        "prescription": [rx, "rx_0"],
        "number": numbers,
        "dispense": [dispensed.fact, "d_0"],
        "of": [dispensed.fact, *numbers],
    }


@pytest.fixture(scope="module")
def published(shared: Site) -> Any:
    """What a stranger reads: the document as the application serves it."""
    return schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", shared.flask)


def objects(part: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of an object, wherever it stands."""
    if isinstance(part, dict):
        if part.get("type") == "object":
            yield at, part
        for name, inner in part.items():
            yield from objects(inner, f"{at}/{name}")
    elif isinstance(part, list):
        for place, inner in enumerate(part):
            yield from objects(inner, f"{at}/{place}")


def test_the_document_is_valid_openapi() -> None:
    assert specification()["openapi"] == "3.1.0"
    assert [error.message for error in OpenAPIV31SpecValidator(specification()).iter_errors()] == []


def test_the_served_document_is_the_one_that_is_made_and_needs_no_key(shared: Site) -> None:
    response = shared.flask.test_client().get(f"{PREFIX}/openapi.json")
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert response.get_json() == specification()


def test_every_route_stands_in_the_document_and_no_other(shared: Site) -> None:
    routed = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in shared.flask.url_map.iter_rules()
        if rule.rule.startswith(PREFIX)
        for method in (rule.methods or set()) - {"HEAD"}
    }
    written = {(path, method) for path, entry in specification()["paths"].items() for method in entry}
    assert routed == written
    assert len(written) == len(OPERATIONS) + 1


def test_the_whole_main_job_is_offered() -> None:
    assert [operation.name for operation in OPERATIONS] == [
        "register_patient", "get_patient_facts", "record_fact", "correct_fact", "prescribe", "review_hold",
        "ask_for_a_decision", "authorize", "look_up", "confirm", "dispense", "reverse", "return_to_stock",
        "get_receipt", "list_policies",
    ]  # fmt: skip


def test_every_object_is_closed_but_for_the_news_that_is_never_turned_away() -> None:
    found = list(objects(specification()["components"]["schemas"]))
    is_open = [at for at, schema in found if schema.get("additionalProperties") is not False]
    assert len(found) > 40
    assert is_open == ["/NewFact/anyOf/16", "/NewFact/anyOf/17"]
    news = [specification()["components"]["schemas"]["NewFact"]["anyOf"][at]["properties"] for at in (16, 17)]
    assert news == [
        {"fact": {"const": "pregnancy_test"}, "result": {"const": "positive"}},
        {"fact": {"const": "report"}, "what": {"const": "pregnancy"}},
    ]


def test_every_operation_names_the_refusals_that_it_may_give() -> None:
    for operation in OPERATIONS:
        entry = specification()["paths"][operation.template][operation.method.lower()]
        assert {str(operation.status), "400", "401", "403", "404", "500", "503"} <= set(entry["responses"])
        assert ("409" in entry["responses"]) == ("requestBody" in entry)
        assert entry["summary"].endswith(".")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_api_does_what_its_document_says(
    operation: Operation, mode: GenerationMode, published: Any, shared: Site, names: dict[str, list[str]]
) -> None:
    strategy = published[operation.template][operation.method].as_strategy(generation_mode=mode)
    seen = []

    @seed(20261127)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=strategy, is_known=st.booleans())
    def tried(case: schemathesis.Case[Any], *, is_known: bool) -> None:
        seen.append(check(case, shared, names, real=is_known and mode is GenerationMode.POSITIVE))

    tried()
    assert len(seen) >= 1
    assert max(seen) < 500


def check(case: schemathesis.Case[Any], api: Site, names: dict[str, list[str]], *, real: bool) -> int:
    """Send what was made up, by the person whose job it is, and hold the answer to the document."""
    is_pharmacy = any(word in case.path for word in ("/authorizations", "/dispenses", "/returns"))
    caller = api.of(api.world.pharmacist if is_pharmacy else api.world.prescriber)
    if real:
        for name in case.path_parameters or {}:
            case.path_parameters[name] = names[name][0]
    response = case.call(headers={"Authorization": f"Bearer {caller.key}"})
    case.validate_response(response, checks=CHECKS)
    return response.status_code
