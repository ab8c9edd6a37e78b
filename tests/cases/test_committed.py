"""The committed cases get the expected answer, and the page about the format says what the reader reads."""

import json
import re
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from compliance.cases import load_case, run_case
from compliance.cases.files import case_files
from compliance.cases.schema import case_schema, facts_table
from compliance.domain.facts import FACTS, Category
from compliance.paths import POLICIES
from tests.cases.regenerate import README, SCHEMA, TABLE, schema_text
from tests.cases.stories import catalogue

FOLDER = Path(__file__).parent / "us-lenalidomide"
PROGRAMMES = sorted(path for path in FOLDER.parent.iterdir() if "-" in path.name)
FILES = case_files(FOLDER.parent)
SCHEMA_OF_CASES = jsonschema.Draft202012Validator(case_schema())
BLOCK = re.compile(r"```toml\n(.*?)```", re.DOTALL)


def named(path: Path) -> str:
    """What a case is called in the list of tests."""
    return f"{path.parent.name}/{path.stem}"


def as_json(value: Any) -> Any:
    """TOML as JSON has it: dates and times are the strings they were written as."""
    if isinstance(value, dict):
        return {name: as_json(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_committed_case_gets_the_expected_answer(path: Path) -> None:
    case, policy = load_case(path, catalogue())
    assert run_case(case, policy).mismatches == ()
    assert (case.expected.unmet is not None, case.expected.codes is not None) == (True, True)
    assert re.match(r"# why: [a-z-]+\.md \d", path.read_text(encoding="utf-8"))


def test_the_committed_cases_cover_all_categories_and_steps() -> None:
    ran = [run_case(*load_case(path, catalogue())) for path in case_files(FOLDER)]
    assert {r.decision.category for r in ran} == {*Category, None}
    assert len({r.decision.request.step for r in ran}) == 3
    assert len(ran) >= 20


@pytest.mark.parametrize("folder", PROGRAMMES, ids=lambda folder: folder.name)
def test_each_programme_has_cases_of_both_answers(folder: Path) -> None:
    expected = [load_case(path, catalogue())[0].expected.unmet for path in case_files(folder)]
    assert len(expected) >= 10
    assert 0 < expected.count(()) < len(expected)


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_committed_case_fits_the_schema(path: Path) -> None:
    SCHEMA_OF_CASES.validate(as_json(tomllib.loads(path.read_text(encoding="utf-8"))))


def test_the_examples_of_the_policies_fit_the_schema() -> None:
    schema = jsonschema.Draft202012Validator(case_schema() | {"if": False})  # examples belong to their programme
    count = 0
    for policy in catalogue().all():
        for example in policy.raw["example"].values():
            schema.validate(as_json(example))
            count += 1
    assert count > 100


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('step = "authorize"', 'step = "prescribe"'),
        ('fact = "survey"', 'fact = "quiz"'),
        ("quantity = 21", "quantity = 21.5"),
        ("quantity = 21", "amount = 21"),
        ("quantity = 21\n", ""),
        ('"combined_pill"', '"the_pill"'),
        ('at = "-P12D"', 'at = "-P12X"'),
        ("birth_date = ", "born = "),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(old: str, new: str) -> None:
    text = (FOLDER / "frp-first-authorization.toml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(jsonschema.ValidationError):
        SCHEMA_OF_CASES.validate(as_json(tomllib.loads(text.replace(old, new))))


def test_the_committed_schema_is_in_step() -> None:
    jsonschema.Draft202012Validator.check_schema(case_schema())
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "run python -m tests.cases.regenerate"
    assert set(json.loads(schema_text())["$defs"]) >= set(FACTS)


def test_the_table_in_the_readme_is_in_step() -> None:
    found = TABLE.search(README.read_text(encoding="utf-8"))
    assert found is not None
    assert found[1] == facts_table(), "run python -m tests.cases.regenerate"
    assert len(found[1].splitlines()) == len(FACTS) + 2


def test_the_examples_in_the_readme_get_the_answers_they_say(tmp_path: Path) -> None:
    first, second = BLOCK.findall(README.read_text(encoding="utf-8"))
    (tmp_path / "first-authorization.toml").write_text(first, encoding="utf-8")
    (tmp_path / "second.toml").write_text(second, encoding="utf-8")
    for name, is_allowed in (("first-authorization", True), ("second", False)):
        ran = run_case(*load_case(tmp_path / f"{name}.toml", catalogue()))
        assert (ran.decision.is_allowed, ran.mismatches) == (is_allowed, ())
        assert ran.case.expected.says_something


def test_the_readme_links_to_the_schema_that_is_there() -> None:
    assert "(case.schema.json)" in README.read_text(encoding="utf-8")
    assert (POLICIES / "case.schema.json").is_file()
