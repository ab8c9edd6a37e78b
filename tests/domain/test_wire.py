"""Facts in plain form: every kind comes back as it went, and whatever is wrong is refused by field and value."""

import json
import types
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.domain import facts as f
from compliance.domain import plain as p
from compliance.domain import wire
from compliance.domain.errors import DomainError
from compliance.domain.span import EARLIEST, LATEST, Instant
from compliance.domain.wire import members, read_fact, write_fact
from tests import builders as b

HUGE = 16**5000
MOMENT = b.NOW

SAMPLES: dict[str, f.Fact] = {
    fact.kind: fact
    for fact in (
        b.enrolment(), b.evidence(f.CategoryBasis.NATURAL_MENOPAUSE, last_menses_on=date(2020, 2, 29)), b.cycle(),
        b.negative_test(), b.contraception(abstinent_since=date(2026, 1, 1)), b.pharmacist_counselling(),
        b.material(f.Item.MEDICATION_GUIDE), b.survey(f.Whose.PRESCRIBER), b.prescription(), b.authorization(),
        b.confirmation(), b.dispense(), b.treatment(f.TreatmentStatus.STOPPED), b.hold(cause="positive"),
        b.report(f.ReportKind.MISSED_MENSES, precision=f.Precision.DAY), b.review("hold", "ann"), b.retraction("rx"),
        b.certification(f.CertifiedRole.PHARMACY, "x"), b.revocation(f.CertifiedRole.PHARMACY, "x"),
        b.made(f.AuthorizationVoid, {"authorization": "an"}, {}), b.made(f.Reversal, {"dispense": "d"}, {}),
        b.made(f.ConfirmationVoid, {"confirmation": "cn"}, {}), b.made(f.ReturnToStock, {"of": "d"}, {}),
        b.declaration(), b.acknowledgement(), b.independent_review("dr-ann"), b.lab_result(value=60),
        b.adverse_reaction(grade=4), b.assessment(), b.referral("annual-form"),
    )
}  # fmt: skip


def refused(plain: object, field: str = "fact") -> DomainError:
    with pytest.raises(DomainError) as error:
        read_fact(plain, field)
    assert str(error.value).encode()
    return error.value


# -- there and back ------------------------------------------------------------------------------------------------


def test_there_is_a_sample_of_every_kind() -> None:
    assert set(SAMPLES) == set(f.FACTS)


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_every_kind_comes_back_as_it_went_also_through_json(kind: str) -> None:
    plain = write_fact(SAMPLES[kind])
    assert plain["fact"] == kind
    assert read_fact(plain) == SAMPLES[kind]
    assert read_fact(json.loads(json.dumps(plain))) == SAMPLES[kind]
    assert write_fact(read_fact(plain)) == plain


TOKENS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:\-]{0,63}", fullmatch=True)
PROGRAMMES = st.sampled_from(["", "us/lenalidomide-rems", "layers/a", "uk/" + "x" * 61])
DATES = st.dates(date(1900, 1, 1), date(2199, 12, 31))
INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def _value(name: str, hint: Any) -> st.SearchStrategy[Any]:
    if get_origin(hint) is types.UnionType:
        return st.none() | _value(name, get_args(hint)[0])
    if get_origin(hint) is frozenset:
        return st.frozensets(st.sampled_from(list(get_args(hint)[0])))
    if get_origin(hint) is tuple:
        used = st.builds(f.MethodInUse, st.sampled_from(list(f.Method)), DATES)
        return st.lists(used, max_size=5, unique_by=lambda one: one.method).map(tuple)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    if hint is str:
        texts = st.text(st.characters(categories=["L", "N", "Zs"]), max_size=20).map(lambda t: p.read_text(t, "t"))
        return texts if name == "reason" else PROGRAMMES if name == "programme" else TOKENS
    plain = {bool: st.booleans(), int: st.integers(1, 100_000), date: DATES, Instant: INSTANTS}
    return plain[hint]


@st.composite
def any_fact(draw: Any) -> f.Fact:
    """A fact of any kind with any members that do not contradict each other."""
    cls = draw(st.sampled_from(list(f.FACTS.values())))
    hints = get_type_hints(cls)
    values = {one.name: draw(_value(one.name, hints[one.name])) for one in fields(cls)}
    times = sorted(values[name] for name in ("at", "resulted_at", "recorded_at") if name in values)
    values |= dict(zip([n for n in ("at", "resulted_at", "recorded_at") if n in values], times, strict=True))
    values["corrects"] = "x" + values["id"][:60] if values["corrects"] == values["id"] else values["corrects"]
    if "birth_date" in values:
        values["birth_date"] = min(values["birth_date"], values["recorded_at"].date())
    if values.get("grade") is not None:
        values["grade"] = 1 + values["grade"] % 5
    if "cycle_days" in values:
        values["cycle_days"] = max(values["cycle_days"], values["days_on"])
    fact: f.Fact = cls(**values)
    return fact


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_fact())
def test_any_fact_comes_back_as_it_went(fact: f.Fact) -> None:
    assert read_fact(json.loads(json.dumps(write_fact(fact)))) == fact


def test_members_at_their_default_are_left_out_and_read_back() -> None:
    plain = write_fact(b.cycle(id="c", at=MOMENT))
    assert plain == {
        "fact": "cycle", "id": "c", "at": "2026-06-15T16:00:00.000000Z", "recorded_at": "2026-06-15T16:00:00.000000Z",
        "actor": "someone", "regularity": "regular",
    }  # fmt: skip
    assert read_fact(plain | {"precision": "instant", "corrects": "", "reason": ""}) == read_fact(plain)


def test_the_order_of_words_and_the_offset_of_times_leave_no_trace() -> None:
    one = write_fact(b.counselling({f.Topic.CONTRACEPTION, f.Topic.BOXED_WARNING, f.Topic.NO_SHARING}, id="c"))
    assert one["topics"] == ["boxed_warning", "contraception", "no_sharing"]
    eastern = datetime(2026, 6, 15, 9, 0, tzinfo=timezone(timedelta(hours=-4)))
    assert write_fact(read_fact(one | {"at": "2026-06-15T09:00:00-04:00"})) == one
    assert write_fact(read_fact(one | {"at": eastern})) == one


def test_members_are_listed_with_what_is_required() -> None:
    found = {one.name: one.required for one in members(f.Survey)}
    assert found == {
        "id": True, "at": True, "recorded_at": True, "actor": True, "precision": False, "corrects": False,
        "reason": False, "whose": True, "prescription": False, "programme": False,
    }  # fmt: skip
    assert members(f.Survey) is members(f.Survey)


def test_a_type_without_a_reading_cannot_slip_in() -> None:
    with pytest.raises(TypeError, match="weight: no reading for"):
        wire._codec("weight", complex)


# -- what is refused -----------------------------------------------------------------------------------------------

NOTHING_LIKE_IT: list[Any] = [float("nan"), float("inf"), 1.5, b"x", {}, object(), {"a": [HUGE]}]
BAD_TEXTS = ["a\u0000b", "\ud800", "a\u202eb", "\ufeff", "a\u2028b", "\ue000", "x" * 501, "\u0958" * 400]
BAD_TOKENS = ["-a", "a b", "é", "ａ", "a" * 65, "a\n", "a/b", " a", "a\u200b"]
BAD_PROGRAMMES = ["us", "us/", "/x", "US/x", "u/x", "us/X", "us/x/y", "us/-x", "us/x\n", "us/" + "x" * 62, " us/x"]
BAD_TIMES = [
    "", "yesterday", "2026-06-15", "2026-06-15T16:00:00", "2026-06-15T16:00:00+00", "2026-06-15T24:00:00Z",
    "2026-06-15T16:60:00Z", "2026-06-15T16:00:60Z", "2026-02-29T16:00:00Z", "2026-13-01T16:00:00Z",
    "2026-06-15T16:00:00.0000001Z", "2026-06-15T16:00:00Z\n", "2026-06-15T16:00:00+99:99", "1899-12-31T23:59:59Z",
    "2200-01-01T00:00:00Z", "٢٠٢٦-06-15T16:00:00Z", "2026-W25-1T16:00:00Z", 1781539200, date(2026, 6, 15),
    MOMENT.replace(tzinfo=None), "0001-01-01T00:00:00+14:00", None, True,
]  # fmt: skip
BAD_DATES = ["", "15.6.2026", "2026-02-29", "2026-6-5", "20260615", "1899-12-31", "2200-01-01", 20260615, True,
             datetime(2026, 6, 15, tzinfo=UTC), "2026-06-15T00:00:00Z", "2026-06-15\n", date(2200, 1, 1)]  # fmt: skip
BAD_COUNTS = [True, False, -1, 100_001, HUGE, -HUGE, "1", 1.0, 2.5, [1]]


def _bad_values(kind: str, name: str) -> list[Any]:
    hint = get_type_hints(f.FACTS[kind])[name]
    none = [] if get_origin(hint) is types.UnionType else [None]
    if get_origin(hint) is types.UnionType:
        hint = get_args(hint)[0]
    if hint is str:
        worse = BAD_TEXTS if name == "reason" else BAD_PROGRAMMES if name == "programme" else BAD_TOKENS
        empty = [] if name in {"reason", "corrects", "cause", "programme"} or (name, kind) in OPTIONAL else [""]
        return [*none, *empty, *worse, 7, True, ["a"], *NOTHING_LIKE_IT]
    if hint is bool:
        return [*none, 0, 1, "true", "", [], *NOTHING_LIKE_IT]
    if hint is int:
        return [*none, *BAD_COUNTS, *NOTHING_LIKE_IT]
    if hint is date:
        return [*none, *BAD_DATES, *NOTHING_LIKE_IT]
    if hint is Instant:
        return [*BAD_TIMES, *NOTHING_LIKE_IT]
    if get_origin(hint) is frozenset:
        return [*none, "boxed_warning", ["boxed_warning"] * 65, ("boxed_warning",), *NOTHING_LIKE_IT]
    if get_origin(hint) is tuple:
        return [*none, "iud_copper", [{"method": "iud_copper", "since": "2026-01-01"}] * 65, *NOTHING_LIKE_IT]
    return [*none, "", "Unheard_of", " negative", 1, True, ["a"], HUGE, *NOTHING_LIKE_IT]


OPTIONAL = {("prescription", "counselling"), ("prescription", "survey")}
MEMBERS = [(kind, one.name) for kind, cls in f.FACTS.items() for one in members(cls)]


@pytest.mark.parametrize(("kind", "name"), MEMBERS)
def test_every_bad_value_of_every_member_is_refused_by_its_name(kind: str, name: str) -> None:
    good = write_fact(SAMPLES[kind])
    for value in _bad_values(kind, name):
        error = refused(good | {name: value}, "facts.x")
        assert error.field == f"facts.x.{name}", value
        assert error.code not in {"MEMBER_MISSING", "UNKNOWN_MEMBER"}
        if value not in (None, "", b"x"):
            assert error.value


@pytest.mark.parametrize(("kind", "name"), MEMBERS)
def test_a_member_that_is_required_cannot_be_left_out(kind: str, name: str) -> None:
    plain = write_fact(SAMPLES[kind])
    plain.pop(name, None)
    [member] = [one for one in members(f.FACTS[kind]) if one.name == name]
    if member.required or (kind, name) == ("retraction", "corrects"):
        error = refused(plain)
        assert (error.code, error.field) == ("MEMBER_MISSING", f"fact.{name}")
    else:
        assert getattr(read_fact(plain), name) == member.default


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_a_member_that_no_kind_has_is_refused(kind: str) -> None:
    for name, shown in (("force", "force"), ("a\u0000\ud800b", "a??b"), ("kind", "kind"), ("z" * 99, "z" * 40)):
        error = refused(write_fact(SAMPLES[kind]) | {name: True})
        assert (error.code, error.field) == ("UNKNOWN_MEMBER", f"fact.{shown}")


@pytest.mark.parametrize("plain", [None, [], "cycle", 1, [write_fact(SAMPLES["cycle"])]])
def test_what_is_no_fact_at_all_is_refused(plain: object) -> None:
    error = refused(plain, "facts.3")
    assert (error.code, error.field) == ("FACT_UNREADABLE", "facts.3")


@pytest.mark.parametrize(
    ("kind", "shown"), [(None, ""), ("Cycle", "Cycle"), (["cycle"], "['cycle']"), (1, "1"), ("", "")]
)
def test_an_unknown_kind_of_fact_is_refused(kind: object, shown: str) -> None:
    error = refused({**write_fact(SAMPLES["cycle"]), "fact": kind})
    assert (error.code, error.field, error.value) == ("UNKNOWN_FACT", "fact.fact", shown)


@pytest.mark.parametrize(
    ("value", "code", "field"),
    [
        (["a"], "METHOD_UNREADABLE", "fact.methods.0"),
        ([{"method": "iud_copper"}], "METHOD_UNREADABLE", "fact.methods.0"),
        ([{"method": "iud_copper", "since": "2026-01-01", "x": 1}], "METHOD_UNREADABLE", "fact.methods.0"),
        ([{"method": "hope", "since": "2026-01-01"}], "UNKNOWN_WORD", "fact.methods.0.method"),
        ([{"method": "iud_copper", "since": "2026-02-30"}], "DATE_UNREADABLE", "fact.methods.0.since"),
        ([{"method": "iud_copper", "since": "2026-01-01"}] * 2, "METHOD_TWICE", "fact.methods"),
    ],
)
def test_a_method_that_is_wrong_is_refused_by_its_place(value: Any, code: str, field: str) -> None:
    error = refused(write_fact(SAMPLES["contraception"]) | {"methods": value})
    assert (error.code, error.field) == (code, field)


def test_a_word_that_is_wrong_is_refused_by_its_place_in_the_list() -> None:
    error = refused(write_fact(SAMPLES["counselling"]) | {"topics": ["boxed_warning", "weather"]})
    assert (error.code, error.field, error.value) == ("UNKNOWN_WORD", "fact.topics.1", "weather")


BEFORE, AFTER = "2026-06-01T00:00:00.000000Z", "2026-06-30T00:00:00.000000Z"


@pytest.mark.parametrize(
    ("kind", "change", "code", "field", "value"),
    [
        ("cycle", {"at": AFTER}, "RECORDED_BEFORE_IT_HAPPENED", "at", AFTER),
        ("cycle", {"corrects": "cycle"}, "CORRECTS_ITSELF", "corrects", "cycle"),
        ("retraction", {"corrects": ""}, "MEMBER_MISSING", "corrects", ""),
        ("pregnancy_test", {"resulted_at": BEFORE}, "RESULT_OUT_OF_ORDER", "resulted_at", BEFORE),
        ("pregnancy_test", {"resulted_at": AFTER}, "RESULT_OUT_OF_ORDER", "resulted_at", AFTER),
        ("enrolment", {"birth_date": "2026-06-30"}, "BORN_IN_THE_FUTURE", "birth_date", "2026-06-30"),
        ("prescription", {"quantity": 0}, "REGIMEN_IMPOSSIBLE", "quantity", "0"),
        ("prescription", {"units_per_day": 0}, "REGIMEN_IMPOSSIBLE", "quantity", "21"),
        ("prescription", {"days_on": 0}, "REGIMEN_IMPOSSIBLE", "quantity", "21"),
        ("prescription", {"cycle_days": 20}, "REGIMEN_IMPOSSIBLE", "quantity", "21"),
        ("adverse_reaction", {"grade": 0}, "GRADE_IMPOSSIBLE", "grade", "0"),
        ("adverse_reaction", {"grade": 6}, "GRADE_IMPOSSIBLE", "grade", "6"),
    ],
)
def test_a_fact_that_contradicts_itself_is_refused(
    kind: str, change: dict[str, Any], code: str, field: str, value: str
) -> None:
    error = refused(write_fact(SAMPLES[kind]) | change, "facts.x")
    assert (error.code, error.field, error.value) == (code, f"facts.x.{field}", value)


def test_a_fact_at_the_edge_of_contradiction_is_taken() -> None:
    at = Instant(datetime(2026, 6, 15, tzinfo=UTC))
    for fact in (
        b.negative_test(at=at, resulted_at=at, recorded_at=at),
        b.enrolment(at=at, birth_date=date(2026, 6, 15)),
        b.prescription(quantity=1, days_on=28, cycle_days=28),
        b.cycle(at=EARLIEST),
        b.cycle(at=Instant(LATEST - timedelta(microseconds=1))),
        replace(b.cycle(), corrects="other", reason="mistyped"),
        b.adverse_reaction(grade=1),
        b.adverse_reaction(grade=5),
        b.adverse_reaction(grade=None),
    ):
        assert read_fact(write_fact(fact)) == fact


def test_a_result_known_after_recording_is_refused_whoever_made_the_fact() -> None:
    test = replace(b.negative_test(), resulted_at=MOMENT)
    with pytest.raises(DomainError) as error:
        wire.check_fact(test)
    assert (error.value.code, error.value.field) == ("RESULT_OUT_OF_ORDER", "fact.resulted_at")


@pytest.mark.parametrize(
    ("given", "kept"), [("e\u0301te\u0301", "été"), ("été", "été"), ("", ""), ("x" * 500, "x" * 500), ("a  b", "a  b")]
)
def test_free_text_is_kept_composed(given: str, kept: str) -> None:
    assert p.read_text(given, "reason") == kept


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_free_text_that_cannot_be_shown_or_is_too_long_is_refused(text: str) -> None:
    with pytest.raises(DomainError) as error:
        p.read_text(text, "reason")
    assert error.value.code == ("NOT_A_TEXT" if len(text) >= 400 else "CONTROL_CHARACTER")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-07T14:30:00-05:00", datetime(2026, 3, 7, 19, 30, tzinfo=UTC)),
        ("2026-03-07 14:30Z", datetime(2026, 3, 7, 14, 30, tzinfo=UTC)),
        ("2026-03-07T14:30:00.5Z", datetime(2026, 3, 7, 14, 30, 0, 500_000, tzinfo=UTC)),
        ("2024-02-29T23:59:59.999999+14:00", datetime(2024, 2, 29, 9, 59, 59, 999_999, tzinfo=UTC)),
    ],
)
def test_times_are_read_with_their_offset_to_the_microsecond(text: str, moment: datetime) -> None:
    assert p.read_instant(text, "at") == moment
    assert p.write_instant(p.read_instant(text, "at")) == moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
