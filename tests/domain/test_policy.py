"""Reading a policy: closed, without defaults, and every refusal names the member and the value."""

import copy
from datetime import UTC, date, datetime
from typing import Any

import pytest

from compliance.domain import facts as f
from compliance.domain.errors import DomainError
from compliance.domain.facts import Category, Channel, Reporter, Step
from compliance.domain.policy import Status, read_policy
from compliance.domain.requirements import KINDS
from compliance.domain.span import Days, Elapsed, Months, zone
from tests import builders as b
from tests.domain.expect import utc

GONE = object()
HUGE = 16**5000
PLAIN = {name: value for name, value in b.plain_policy().items() if name != "example"}
RULE = {table["id"]: place for place, table in enumerate(PLAIN["requirement"])}


def read_with(path: str, to: Any) -> Any:
    """The released policy with one member changed or gone; `path` is dotted, requirements go by their id."""
    plain = copy.deepcopy(PLAIN)
    *outer, last = [part.replace("/", ".") for part in path.split(".")]
    at: Any = plain
    for part in outer:
        at = at[RULE[part]] if isinstance(at, list) else at[part]
    if to is GONE:
        del at[last]
    else:
        at[last] = copy.deepcopy(to)
    return read_policy(plain, "0" * 64)


def place_of(path: str) -> str:
    """The path as a refusal names it."""
    return ".".join(str(RULE[part]) if part in RULE else part for part in path.split("."))


# -- what is read --------------------------------------------------------------------------------------------------


def test_the_released_policy_is_read_whole() -> None:
    policy = read_policy(b.plain_policy(), "ab" * 32)
    assert (policy.id, policy.version, policy.title) == ("us/lenalidomide-rems", "2023-03-24", "Lenalidomide REMS")
    assert (policy.jurisdiction, policy.status, policy.sha256) == ("US", Status.ACTIVE, "ab" * 32)
    assert (policy.in_force_from, policy.in_force_until) == (date(2023, 3, 24), None)
    assert (policy.starts_at, policy.ends_at) == (utc(2023, 3, 24), None)
    assert policy.zone is zone("America/New_York")
    assert policy.products == frozenset({"lenalidomide"})
    assert policy.categories == tuple(Category)
    assert policy.strictest is Category.ADULT_FRP
    assert policy.raw == b.plain_policy()
    assert [r.id for r in policy.requirements] == [table["id"] for table in policy.raw["requirement"]]
    assert [type(r) for r in policy.requirements] == [KINDS[table["kind"]] for table in policy.raw["requirement"]]
    assert list(policy.sources) == list(policy.raw["sources"])
    rems = policy.sources["rems"]
    assert (rems.id, rems.publisher) == ("rems", "US Food and Drug Administration")
    assert (rems.date, rems.checked) == (date(2023, 3, 24), date(2026, 11, 23))


def test_the_standards_are_read_with_their_flexibilities() -> None:
    policy = b.policy()
    home, telephone = policy.flexibilities
    assert (home.id, home.switched_on, home.since, home.until) == ("home-test", True, utc(2020, 3, 1, 5), None)
    assert policy.tests.least_sensitive == 50
    assert policy.tests.kinds == frozenset(f.TestKind)
    assert policy.tests.reporters == frozenset(Reporter) - {Reporter.PATIENT}
    assert policy.tests.places == frozenset(f.TestPlace) - {f.TestPlace.HOME}
    assert policy.tests.relaxed_places == {f.TestPlace.HOME: home}
    form = next(r for r in policy.requirements if r.kind == "prescription_form")
    assert form.channels.channels == frozenset(Channel) - {Channel.TELEPHONE}  # type: ignore[attr-defined]
    assert form.channels.relaxed == {Channel.TELEPHONE: telephone}  # type: ignore[attr-defined]


def test_parameters_are_read_by_their_type() -> None:
    rules = {r.id: r for r in b.policy().requirements}

    def of(name: str, member: str) -> Any:
        return getattr(rules[name], member)

    assert of("authorization-frp", "lasts") == Days(7, 0, last_included=True)
    assert of("monthly-survey", "every") == Months(1, last_included=True)
    assert isinstance(of("confirmation", "lasts"), Elapsed)
    assert (of("contraception-lead-in", "lead_in"), of("contraception", "lead_in")) == (28, 0)
    assert (of("adult-cannot-become-pregnant", "menopause_months"), of("enrolled", "lapses_after_months")) == (24, 12)
    assert of("child-cannot-become-pregnant", "menopause_months") is None
    assert of("condom", "highly_effective") == frozenset()
    assert of("days-supply", "at_most") == 28
    assert of("first-counselling", "each_prescription") is False
    assert (of("first-test", "source"), of("first-test", "confidence")) == ("label#8.3", "primary")
    when = rules["same-day-shipping"].when
    assert (when.steps, when.first) == (frozenset({Step.DISPENSE}), None)
    assert when.categories == frozenset({Category.ADULT_FRP, Category.CHILD_FRP})


def test_an_end_of_a_policy_or_flexibility_is_the_end_of_that_day() -> None:
    policy = read_with("in_force_until", date(2026, 12, 31))
    assert policy.ends_at == utc(2027, 1, 1, 5)
    flexible = read_with("flexibility.home-test.in_force_until", date(2026, 6, 14))
    assert flexible.flexibilities[0].until == utc(2026, 6, 15)
    assert read_with("in_force_until", date(2023, 3, 24)).ends_at == utc(2023, 3, 25)


def test_a_policy_without_requirements_is_read_and_left_for_the_gate_to_refuse() -> None:
    assert read_with("requirement", []).requirements == ()
    assert read_with("requirement", GONE).requirements == ()


# -- what is refused -----------------------------------------------------------------------------------------------

TOP = [
    ("id", "", "TEXT_MISSING", ""),
    ("id", GONE, "TEXT_MISSING", ""),
    ("version", 7, "TEXT_MISSING", "7"),
    ("title", "  ", "TEXT_MISSING", "  "),
    ("title", [HUGE], "TEXT_MISSING", "a value too large to show"),
    ("jurisdiction", None, "TEXT_MISSING", ""),
    ("status", "live", "UNKNOWN_WORD", "live"),
    ("status", GONE, "UNKNOWN_WORD", ""),
    ("status", True, "UNKNOWN_WORD", "True"),
    ("in_force_from", GONE, "DATE_UNREADABLE", ""),
    ("in_force_from", "24.3.2023", "DATE_UNREADABLE", "24.3.2023"),
    ("in_force_from", "2023-02-29", "DATE_UNREADABLE", "2023-02-29"),
    ("in_force_from", datetime(2023, 3, 24, tzinfo=UTC), "DATE_UNREADABLE", "2023-03-24T00:00:00+00:00"),
    ("in_force_from", date(1899, 12, 31), "DATE_IMPLAUSIBLE", "1899-12-31"),
    ("in_force_until", date(2200, 1, 1), "DATE_IMPLAUSIBLE", "2200-01-01"),
    ("in_force_until", None, "DATE_UNREADABLE", ""),
    ("in_force_until", date(2023, 3, 23), "NUMBERS_CONTRADICT", "2023-03-23"),
    ("time_zone", "Mars/Olympus", "ZONE_UNKNOWN", "Mars/Olympus"),
    ("time_zone", 5, "TEXT_MISSING", "5"),
    ("time_zone", GONE, "TEXT_MISSING", ""),
    ("products", [], "LIST_MISSING", "[]"),
    ("products", "lenalidomide", "LIST_MISSING", "lenalidomide"),
    ("products", ["a", 1], "LIST_MISSING", "['a', 1]"),
    ("products", ["a", "a"], "WORD_TWICE", "['a', 'a']"),
    ("products", GONE, "LIST_MISSING", ""),
    ("categories", ["adult_frp", "pilot"], "UNKNOWN_WORD", "pilot"),
    ("categories", [], "LIST_MISSING", "[]"),
    ("strictest_category", "pilot", "UNKNOWN_WORD", "pilot"),
    ("strictest_category", GONE, "UNKNOWN_WORD", ""),
    ("requirement", {}, "LIST_MISSING", ""),
    ("requirement", ["a"], "LIST_MISSING", ""),
    ("sources", GONE, "TABLE_MISSING", ""),
    ("sources", ["a"], "TABLE_MISSING", "['a']"),
    ("pregnancy_test", None, "TABLE_MISSING", ""),
    ("pregnancy_test_after_first", 1, "TABLE_MISSING", "1"),
    ("transition", "by_mood", "UNKNOWN_WORD", "by_mood"),
    ("transition", None, "UNKNOWN_WORD", ""),
    ("category_names", ["F"], "TABLE_MISSING", "['F']"),
    ("layer_over", [], "LIST_MISSING", "[]"),
    ("layer_over", "us/lenalidomide-rems", "LIST_MISSING", "us/lenalidomide-rems"),
    ("no_gate", True, "TABLE_MISSING", "True"),
    ("prescription", 1, "TABLE_MISSING", "1"),
    ("flexibility", GONE, "TABLE_MISSING", ""),
    ("override", True, "UNKNOWN_MEMBER", ""),
    ("a\u0000b", True, "UNKNOWN_MEMBER", ""),
]
INNER = [
    ("sources.rems", 1, "TABLE_MISSING", "1"),
    ("sources.rems.title", GONE, "TEXT_MISSING", ""),
    ("sources.rems.publisher", "", "TEXT_MISSING", ""),
    ("sources.rems.url", 1, "TEXT_MISSING", "1"),
    ("sources.rems.date", "2023", "DATE_UNREADABLE", "2023"),
    ("sources.rems.checked", GONE, "DATE_UNREADABLE", ""),
    ("sources.rems.page", 1, "UNKNOWN_MEMBER", ""),
    ("flexibility.home-test", [], "TABLE_MISSING", "[]"),
    ("flexibility.home-test.switched_on", 1, "NOT_TRUE_OR_FALSE", "1"),
    ("flexibility.home-test.switched_on", "true", "NOT_TRUE_OR_FALSE", "true"),
    ("flexibility.home-test.switched_on", GONE, "NOT_TRUE_OR_FALSE", ""),
    ("flexibility.home-test.in_force_from", GONE, "DATE_UNREADABLE", ""),
    ("flexibility.home-test.in_force_until", "never", "DATE_UNREADABLE", "never"),
    ("flexibility.home-test.text", GONE, "TEXT_MISSING", ""),
    ("flexibility.home-test.source", "nowhere#1", "SOURCE_UNKNOWN", "nowhere#1"),
    ("flexibility.home-test.force", True, "UNKNOWN_MEMBER", ""),
    ("pregnancy_test.least_sensitive", True, "NOT_A_COUNT", "True"),
    ("pregnancy_test.least_sensitive", -1, "NOT_A_COUNT", "-1"),
    ("pregnancy_test.least_sensitive", 100_001, "NOT_A_COUNT", "100001"),
    ("pregnancy_test.least_sensitive", 50.0, "NOT_A_COUNT", "50.0"),
    ("pregnancy_test.least_sensitive", HUGE, "NOT_A_COUNT", "a number of more than 20 digits"),
    ("pregnancy_test.least_sensitive", GONE, "NOT_A_COUNT", ""),
    ("pregnancy_test.kinds", ["saliva"], "UNKNOWN_WORD", "saliva"),
    ("pregnancy_test.reporters", [], "LIST_MISSING", "[]"),
    ("pregnancy_test.places", GONE, "LIST_MISSING", ""),
    ("pregnancy_test.places_by_flexibility", GONE, "TABLE_MISSING", ""),
    ("pregnancy_test.places_by_flexibility", {"home": "no-such"}, "FLEXIBILITY_UNKNOWN", "no-such"),
    ("pregnancy_test.places_by_flexibility", {"home": ["home-test"]}, "FLEXIBILITY_UNKNOWN", "['home-test']"),
    ("pregnancy_test.places_by_flexibility", {"moon": "home-test"}, "UNKNOWN_WORD", "moon"),
    ("pregnancy_test.text", GONE, "TEXT_MISSING", ""),
    ("pregnancy_test.confidence", "sure", "UNKNOWN_WORD", "sure"),
    ("pregnancy_test.skip", True, "UNKNOWN_MEMBER", ""),
    ("prescription.channels", ["pigeon"], "UNKNOWN_WORD", "pigeon"),
    ("prescription.channels_by_flexibility", {"fax": "fax"}, "FLEXIBILITY_UNKNOWN", "fax"),
    ("prescription.text", GONE, "TEXT_MISSING", ""),
    ("prescription.source", GONE, "TEXT_MISSING", ""),
    ("prescription.skip", True, "UNKNOWN_MEMBER", ""),
]
RULES = [
    ("enrolled.kind", "anything", "UNKNOWN_KIND", "anything"),
    ("enrolled.kind", GONE, "UNKNOWN_KIND", ""),
    ("enrolled.kind", ["enrolled"], "UNKNOWN_KIND", "['enrolled']"),
    ("enrolled.kind", HUGE, "UNKNOWN_KIND", "a number of more than 20 digits"),
    ("enrolled.id", "Enrolled", "NOT_AN_ID", "Enrolled"),
    ("enrolled.id", "en--rolled", "NOT_AN_ID", "en--rolled"),
    ("enrolled.id", "enrolled\n", "NOT_AN_ID", "enrolled?"),
    ("enrolled.id", GONE, "TEXT_MISSING", ""),
    ("enrolled.text", "", "TEXT_MISSING", ""),
    ("enrolled.source", "nowhere", "SOURCE_UNKNOWN", "nowhere"),
    ("enrolled.source", GONE, "TEXT_MISSING", ""),
    ("enrolled.confidence", "sure", "UNKNOWN_WORD", "sure"),
    ("enrolled.confidence", GONE, "TEXT_MISSING", ""),
    ("enrolled.adult_age", True, "NOT_A_COUNT", "True"),
    ("enrolled.adult_age", "18", "NOT_A_COUNT", "18"),
    ("enrolled.adult_age", GONE, "MEMBER_MISSING", ""),
    ("enrolled.lapses_after_months", "none", "SPAN_UNREADABLE", "none"),
    ("enrolled.lapses_after_months", "P365D", "SPAN_UNREADABLE", "P365D"),
    ("enrolled.lapses_after_months", 12, "SPAN_UNREADABLE", "12"),
    ("enrolled.force", True, "UNKNOWN_MEMBER", ""),
    ("enrolled.products", ["x"], "UNKNOWN_MEMBER", ""),
    ("prescription.channels", ["fax"], "UNKNOWN_MEMBER", ""),
    ("adult-cannot-become-pregnant.accepted", ["hope"], "UNKNOWN_WORD", "hope"),
    ("adult-cannot-become-pregnant.menopause_months", None, "SPAN_UNREADABLE", ""),
    ("prescriber-certified.who", "anybody", "UNKNOWN_WORD", "anybody"),
    ("prescriber-certified.who", GONE, "MEMBER_MISSING", ""),
    ("not-held.reviewers", 2.0, "NOT_A_COUNT", "2.0"),
    ("not-held.reviewers", 0, "ASKS_NOTHING", "0"),
    ("condom.methods", 0, "ASKS_NOTHING", "0"),
    ("first-counselling.topics", [], "ASKS_NOTHING", "frozenset()"),
    ("first-counselling.each_prescription", 0, "NOT_TRUE_OR_FALSE", "0"),
    ("first-counselling.topics", ["weather"], "UNKNOWN_WORD", "weather"),
    ("first-counselling.topics", ["boxed_warning"] * 2, "WORD_TWICE", "['boxed_warning', 'boxed_warning']"),
    ("first-test.youngest", 10, "SPAN_UNREADABLE", "10"),
    ("first-test.youngest", "P15D", "NUMBERS_CONTRADICT", "15"),
    ("second-test.within", "PT24H", "SPAN_UNREADABLE", "PT24H"),
    ("second-test.within", {"span": "P1D", "start_day": "day 0", "last_day": "included"}, "SPAN_UNREADABLE", None),
    ("contraception.of_them_highly_effective", 3, "NUMBERS_CONTRADICT", "3"),
    ("contraception.lead_in", "P4W", "SPAN_UNREADABLE", "P4W"),
    ("confirmation.lasts", {"span": "PT24H"}, "SPAN_UNREADABLE", "['span']"),
    ("authorization-frp.counted_from", "birth", "UNKNOWN_WORD", "birth"),
    ("medication-guide.item", "gift", "UNKNOWN_WORD", "gift"),
    ("medication-guide.when", ["dispense"], "TABLE_MISSING", "['dispense']"),
    ("medication-guide.when.steps", [], "LIST_MISSING", "[]"),
    ("medication-guide.when.steps", ["ask"], "UNKNOWN_WORD", "ask"),
    ("medication-guide.when.categories", "male", "LIST_MISSING", "male"),
    ("medication-guide.when.first", 1, "NOT_TRUE_OR_FALSE", "1"),
    ("medication-guide.when.unless", True, "UNKNOWN_MEMBER", ""),
]


def _refused(path: str, to: Any, code: str, value: str | None, field: str) -> None:
    with pytest.raises(DomainError) as error:
        read_with(path, to)
    assert (error.value.code, error.value.field) == (code, field)
    if value is not None:
        assert error.value.value == value
    assert field in str(error.value)
    assert error.value.message


@pytest.mark.parametrize(("path", "to", "code", "value"), TOP + INNER, ids=lambda _: "")
def test_a_member_that_is_wrong_is_refused_by_name_and_value(path: str, to: Any, code: str, value: str) -> None:
    _refused(path, to, code, value, path.replace("\0", "?"))


@pytest.mark.parametrize(("path", "to", "code", "value"), RULES, ids=lambda _: "")
def test_a_requirement_that_is_wrong_is_refused_by_name_and_value(path: str, to: Any, code: str, value: str) -> None:
    _refused(f"requirement.{path}", to, code, value, f"requirement.{place_of(path)}")


def test_the_strictest_category_is_one_of_the_policys_own() -> None:
    plain = b.plain_policy() | {"categories": ["adult_male"]}
    with pytest.raises(DomainError) as error:
        read_policy(plain, "0" * 64)
    assert (error.value.code, error.value.field, error.value.value) == (
        "UNKNOWN_WORD", "strictest_category", "adult_frp",
    )  # fmt: skip


def test_two_requirements_of_one_id_are_refused() -> None:
    plain = b.plain_policy()
    plain["requirement"].append(copy.deepcopy(plain["requirement"][4]))
    with pytest.raises(DomainError) as error:
        read_policy(plain, "0" * 64)
    assert (error.value.code, error.value.field, error.value.value) == (
        "ID_TWICE", "requirement", "child-cannot-become-pregnant",
    )  # fmt: skip


@pytest.mark.parametrize("name", sorted(RULE))
def test_no_parameter_of_any_requirement_has_a_default(name: str) -> None:
    members = set(PLAIN["requirement"][RULE[name]]) - {"when"}
    for member in members:
        with pytest.raises(DomainError) as error:
            read_with(f"requirement.{name}.{member}", GONE)
        assert error.value.field == f"requirement.{RULE[name]}.{member}"
    assert members >= {"id", "kind", "text", "source", "confidence"}


@pytest.mark.parametrize("name", ["status", "in_force_from", "time_zone", "products", "strictest_category", "id"])
def test_no_member_of_the_policy_itself_has_a_default(name: str) -> None:
    with pytest.raises(DomainError) as error:
        read_with(name, GONE)
    assert error.value.field == name
