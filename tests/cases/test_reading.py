"""Whatever cannot be read is refused with file, field and value; what is left unsaid is filled in as documented."""

# ruff: noqa: E501 - tables read best with one row a line

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from compliance.cases import load_case, run_case
from compliance.domain.errors import DomainError
from compliance.domain.facts import Authorization, Certification, Hold, Precision, PregnancyTest
from tests.cases.stories import HEAD, RX, TEST, catalogue, told, written

MORE_RX = RX.replace("facts.rx", "facts.rx2")
REVIEW = '[facts.r]\nfact = "hold_review"\nat = "-P1D"\nof = "test"\noutcome = "lift"\n'
CERT = '[facts.c]\nfact = "certification"\nat = "-P1D"\nsubject = "dr-lee"\nrole = "prescriber"\nexpires_on = X\n'
PILL = '[facts.m]\nfact = "contraception"\nat = "-P1D"\nmethods = X\n'
BORN = (
    '[facts.e]\nfact = "enrolment"\nat = "-P1D"\ncategory = "adult_male"\nbirth_date = X\npatient_signed = true\n'
    'guardian_signed = true\nprescriber_signed = true\nprescriber = "dr-lee"\n'
)

REFUSED: dict[str, tuple[str, str]] = {
    # text of the case: (code, what the message says after the file's name)
    "at = ": ("TOML_MALFORMED", "not TOML: Invalid value (at "),
    HEAD + 'step = "confirm"\n': ("TOML_MALFORMED", "not TOML: Cannot overwrite a value (at line 5, column 17)"),
    HEAD + RX + RX: ("TOML_MALFORMED", "not TOML: Cannot declare ('facts', 'rx') twice (at line 19, column "),
    HEAD + "x = nan\n": ("NOT_A_WHOLE_NUMBER", "x: write a number (given: nan)"),
    HEAD + "x = inf\n": ("NOT_A_WHOLE_NUMBER", "x: write a number (given: inf)"),
    HEAD + "x = 1.5\n": ("NOT_A_WHOLE_NUMBER", "x: write a whole number (given: 1.5)"),
    HEAD + f"x = {10**20}\n": ("NUMBER_TOO_LARGE", f"x: no such number is needed here (given: {10**20})"),
    HEAD + f"x = {10**60}\n": ("NUMBER_TOO_LARGE", "x: no such number is needed here (given: a number of more than 20 digits)"),
    HEAD + "x = 10:30:00\n": ("TIME_UNREADABLE", "x: a time needs a date and an offset (given: 10:30:00)"),
    HEAD + "x = " + "[" * 20 + "]" * 20: ("TOML_TOO_DEEP", "x.0.0.0.0.0.0.0.0.0.0.0: nested too deeply"),
    HEAD + 'when = "now"\n': ("UNKNOWN_MEMBER", "when: a case has advice, allowed, at, authorization_ends_at, codes, earliest_at, facts, handover, like, outcome, pharmacist, pharmacy, prescription, programme, step, unmet, valid_until, without"),
    'at = 2024-03-04T10:00:00-05:00\nstep = "authorize"': ("MEMBER_MISSING", "programme: say which programme"),
    HEAD.replace("us/lena", "us/sild"): ("PROGRAMME_UNKNOWN", "programme: give one of: ALL PROGRAMMES (given: us/sildlidomide-rems)"),
    HEAD.replace('"us/lenalidomide-rems"', "7"): ("MEMBER_MISSING", "programme: say which programme (given: 7)"),
    HEAD.replace("-05:00", ""): ("TIME_WITHOUT_OFFSET", "at: a time needs an offset from UTC (given: 2024-03-04T10:00:00)"),
    HEAD.replace("2024-03-04T10:00:00-05:00", "2024-03-04"): ("TIME_UNREADABLE", "at: write a time as 2026-03-07T14:30:00-05:00 (given: 2024-03-04)"),
    HEAD.replace("2024", "1724"): ("TIME_IMPLAUSIBLE", "at: a time must lie between 1900 and 2200 (given: 1724-03-04T10:00:00-05:00)"),
    HEAD.replace("-03-04", "-02-30"): ("TOML_MALFORMED", "not TOML: "),
    HEAD.replace('"authorize"', '"prescribe"'): ("UNKNOWN_WORD", "step: give one of authorize, confirm, dispense (given: prescribe)"),
    HEAD.replace('step = "authorize"', ""): ("UNKNOWN_WORD", "step: give one of authorize, confirm, dispense"),
    HEAD + 'handover = "thrown"\n': ("UNKNOWN_WORD", "handover: give one of in_person, shipped (given: thrown)"),
    HEAD + 'pharmacy = "main street"\n': ("NOT_AN_ID", "pharmacy: give an id of letters, digits and _.:- (64 at most) (given: main street)"),
    HEAD + 'prescription = "rx"\n': ("UNKNOWN_FACT", "prescription: name one of: there is none (given: rx)"),
    HEAD + RX + MORE_RX: ("PRESCRIPTION_AMBIGUOUS", "prescription: say which one: rx, rx2"),
    HEAD + "facts = 1\n": ("TABLE_MISSING", "facts: a table is needed here (given: 1)"),
    HEAD + "facts.x = 1\n": ("TABLE_MISSING", "facts.x: a table is needed here (given: 1)"),
    HEAD + RX.replace("prescription", "receipt"): ("UNKNOWN_FACT", "facts.rx.fact: fact is one of "),
    HEAD + RX.replace("refills = 0", "refills = -1"): ("NOT_A_COUNT", "facts.rx.refills: give a whole number from 0 to 100000 (given: -1)"),
    HEAD + RX.replace("refills = 0", "refills = false"): ("NOT_A_COUNT", "facts.rx.refills: give a whole number from 0 to 100000 (given: False)"),
    HEAD + RX.replace("refills = 0", ""): ("MEMBER_MISSING", "facts.rx.refills: prescription needs it"),
    HEAD + RX + "colour = 1\n": ("UNKNOWN_MEMBER", "facts.rx.colour: prescription has no such member"),
    HEAD + RX.replace("quantity = 21", "quantity = 0"): ("REGIMEN_IMPOSSIBLE", "facts.rx.quantity: quantity, units a day and days on are at least 1"),
    HEAD + RX.replace("facts.rx", 'facts."the rx"'): ("NOT_AN_ID", "facts.the rx.id: give an id of letters, digits and _.:- (64 at most) (given: the rx)"),
    HEAD + RX.replace('"-PT1H"', '"-PT"'): ("TIME_UNREADABLE", "facts.rx.at: write 2026-03-07T14:30:00-05:00, 2026-03-07, or a distance from `at` such as -P12D or -PT1H (given: -PT)"),
    HEAD + RX.replace('"-PT1H"', '"yesterday"'): ("TIME_UNREADABLE", "facts.rx.at: write a time as 2026-03-07T14:30:00-05:00 (given: yesterday)"),
    HEAD + RX.replace('"-PT1H"', "7"): ("TIME_UNREADABLE", "facts.rx.at: write a time as 2026-03-07T14:30:00-05:00 (given: 7)"),
    HEAD + RX.replace('"-PT1H"', '"-P99999D"'): ("TIME_IMPLAUSIBLE", "facts.rx.at: a time must lie between 1900 and 2200 (given: -P99999D)"),
    HEAD + RX.replace('"-PT1H"', '"-P9999Y"'): ("DATE_IMPLAUSIBLE", "facts.rx.at: a date must lie between 1900 and 2200 (given: -P9999Y)"),
    HEAD + TEST + 'resulted_at = "-P13D"\nrecorded_at = "-P11D"\n': ("RESULT_OUT_OF_ORDER", "facts.test.resulted_at: a result comes after collection and before recording (given: 2024-02-20T15:00:00.000000Z)"),
    HEAD + TEST + 'recorded_at = "-P13D"\n': ("RECORDED_BEFORE_IT_HAPPENED", "facts.test.at: "),
    HEAD + TEST + REVIEW: ("MEMBER_MISSING", "facts.r.actor: hold_review needs it"),
    HEAD + REVIEW.replace('at = "-P1D"', 'at = "-P1D"\nactor = "dr-kim"'): ("UNKNOWN_FACT", "facts.r.of: name a fact of this case (given: test)"),
    HEAD + TEST + 'corrects = "tset"\n': ("UNKNOWN_FACT", "facts.test.corrects: name a fact of this case (given: tset)"),
    HEAD + RX + TEST + 'id = "rx"\n': ("ID_TWICE", "facts: each fact needs its own id (given: rx)"),
    HEAD + CERT.replace("X", "2024-13-01"): ("TOML_MALFORMED", "not TOML: "),
    HEAD + CERT.replace("X", '"2024-02-30"'): ("DATE_UNREADABLE", "facts.c.expires_on: write a date as 2026-03-07 (given: 2024-02-30)"),
    HEAD + CERT.replace("X", '"-PT1H"'): ("DATE_UNREADABLE", "facts.c.expires_on: write 2026-03-07, or a distance from the day of `at` such as -P28D, +P30D or -P40Y (given: -PT1H)"),
    HEAD + CERT.replace("X", "2024-03-04T10:00:00-05:00"): ("DATE_UNREADABLE", "facts.c.expires_on: write a date as 2026-03-07 (given: 2024-03-04T10:00:00-05:00)"),
    HEAD + PILL.replace("X", '[{ method = "combined_pill", since = "-P1W" }]'): ("DATE_UNREADABLE", "facts.m.methods.0.since: write 2026-03-07, or"),
    HEAD + PILL.replace("X", '[{ method = "combined_pill" }]'): ("METHOD_UNREADABLE", "facts.m.methods.0: give { method, since } for each method"),
    HEAD + PILL.replace("X", '"combined_pill"'): ("NOT_A_LIST", "facts.m.methods: give a list of 64 at most (given: combined_pill)"),
    HEAD + BORN.replace("X", '"+P1D"'): ("BORN_IN_THE_FUTURE", "facts.e.birth_date: check the birth date (given: 2024-03-05)"),
    HEAD + "allowed = 1\n": ("NOT_TRUE_OR_FALSE", "allowed: say true or false (given: 1)"),
    HEAD + 'allowed = true\nunmet = ["enrolled"]\n': ("EXPECTATION_CONTRADICTS", "unmet: the answer and unmet contradict each other"),
    HEAD + "allowed = false\ncodes = []\n": ("EXPECTATION_CONTRADICTS", "codes: the answer and codes contradict each other"),
    HEAD + 'unmet = "enrolled"\n': ("NOT_A_LIST", "unmet: list words (given: enrolled)"),
    HEAD + 'unmet = ["enroled"]\n': ("UNKNOWN_REQUIREMENT", "unmet: name a requirement of the policy (given: enroled)"),
    HEAD + 'earliest_at = "soon"\n': ("TIME_UNREADABLE", "earliest_at: write a time as 2026-03-07T14:30:00-05:00 (given: soon)"),
    HEAD + 'like = "../../etc/passwd"\n': ("NOT_A_NAME", "like: name another example (given: ../../etc/passwd)"),
    HEAD + 'like = "case"\n': ("LIKE_ITSELF", "like: a story cannot be like itself (given: case > case)"),
    HEAD + "like = 1\n": ("NOT_A_NAME", "like: name another example (given: 1)"),
    HEAD + 'without = ["rx"]\n': ("UNKNOWN_FACT", "without: there is no such fact to leave out (given: rx)"),
    HEAD + 'without = "rx"\n': ("NOT_A_LIST", "without: list names of facts (given: rx)"),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: REFUSED[text][1][:40])
def test_what_cannot_be_read_is_refused_with_field_and_value(text: str, tmp_path: Path) -> None:
    code, said = REFUSED[text]
    with pytest.raises(DomainError) as refused:
        told(tmp_path, text)
    said = said.replace("ALL PROGRAMMES", ", ".join(catalogue().programmes()))
    assert str(refused.value).startswith(f"{tmp_path / 'case.toml'}: {said}")
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (HEAD.encode("utf-16"), "TOML_NOT_UTF8", "save the file as UTF-8; line 1 is not"),
        (HEAD.encode() + "# Zürich".encode("latin-1"), "TOML_NOT_UTF8", "save the file as UTF-8; line 5 is not"),
        (b"\xef\xbb\xbf" + HEAD.encode(), "TOML_MALFORMED", "not TOML: Invalid statement (at line 1, column 1)"),
        (b"x = '\x00'", "TOML_MALFORMED", "not TOML: "),
        (b"#" * (1024 * 1024 + 1), "FILE_TOO_LARGE", "a file of 1048576 bytes at most"),
        (b"x = " + b"[" * 100_000, "TOML_TOO_DEEP", "nested far too deeply"),
        (b"x" + b".x" * 5000 + b" = 1", "TOML_TOO_DEEP", "x.x.x.x.x.x.x.x.x.x.x.x: nested too deeply"),
        (b"x = " + b"{a=" * 900 + b"1" + b"}" * 900, "TOML_TOO_DEEP", "nested far too deeply"),
        (b"# " + b"x" * 6000 + b"\nx = " + b"9" * 5000, "NUMBER_TOO_LARGE", "line 2 holds a number of thousands of digits"),
        (HEAD.encode("utf-16-le"), "TOML_MALFORMED", "not TOML: "),
        (bytes(range(256)), "TOML_NOT_UTF8", "save the file as UTF-8; line 2 is not"),
        (b"", "MEMBER_MISSING", "programme: say which programme"),
    ],
)  # fmt: skip
def test_bytes_that_are_no_case_are_refused(data: bytes, code: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_bytes(data)
    with pytest.raises(DomainError) as refused:
        load_case(path, catalogue())
    assert str(refused.value).startswith(f"{path}: {said}")
    assert refused.value.code == code


@pytest.mark.parametrize("name", ["missing.toml", "", "nul\0.toml"])
def test_a_file_that_is_not_there_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(DomainError) as refused:
        load_case(tmp_path / name, catalogue())
    assert refused.value.code == "FILE_UNREADABLE"


def test_what_is_left_unsaid_is_filled_in_as_documented(tmp_path: Path) -> None:
    case = told(tmp_path, HEAD + RX + TEST + 'resulted_at = "-P11D"\n')
    test = case.facts[1]
    assert isinstance(test, PregnancyTest)
    assert (test.id, test.specimen, test.actor, test.sensitivity_miu_ml) == ("test", "test", "somebody", None)
    assert test.at == datetime(2024, 2, 21, 15, tzinfo=UTC)
    assert test.resulted_at == test.recorded_at == datetime(2024, 2, 22, 15, tzinfo=UTC)
    assert (case.request.prescription, case.request.pharmacy, case.request.handover) == ("rx", "", None)
    assert case.expected.says_something is False


def test_an_authorization_is_numbered_by_its_name_unless_said(tmp_path: Path) -> None:
    text = '[facts.an]\nfact = "authorization"\nat = "-PT1M"\nprescription = "rx"\ncategory = "adult_male"\n'
    first = told(tmp_path, HEAD + RX + text).facts[1]
    second = told(tmp_path, HEAD + RX + text + 'number = "N-1"\n').facts[1]
    assert isinstance(first, Authorization)
    assert isinstance(second, Authorization)
    assert (first.number, second.number) == ("an", "N-1")


def test_a_bare_day_is_known_as_a_day_and_starts_in_the_zone_of_the_policy(tmp_path: Path) -> None:
    hold = told(tmp_path, HEAD + '[facts.h]\nfact = "hold"\nat = 2024-02-21\n').facts[0]
    assert isinstance(hold, Hold)
    assert (hold.at, hold.precision) == (datetime(2024, 2, 21, 5, tzinfo=UTC), Precision.DAY)


def test_a_distance_known_to_the_day_is_the_start_of_that_day(tmp_path: Path) -> None:
    hold = told(tmp_path, HEAD + '[facts.h]\nfact = "hold"\nat = "-P1D"\nprecision = "day"\n').facts[0]
    assert (hold.at, hold.recorded_at) == (datetime(2024, 3, 3, 5, tzinfo=UTC),) * 2


def test_dates_count_from_the_civil_day_in_the_zone_of_the_policy(tmp_path: Path) -> None:
    late = HEAD.replace("2024-03-04T10:00:00-05:00", "2024-03-05T03:00:00+00:00")
    fact = told(tmp_path, late + CERT.replace("X", '"+P1D"')).facts[0]
    assert isinstance(fact, Certification)
    assert fact.expires_on == date(2024, 3, 5)


def test_a_fact_from_the_future_may_stand_in_a_case_and_is_not_seen(tmp_path: Path) -> None:
    text = HEAD + RX + '[facts.h]\nfact = "hold"\nat = "+PT1H"\n'
    case, policy = load_case(written(tmp_path, text), catalogue())
    decision = run_case(case, policy).decision
    assert case.facts[1].at == datetime(2024, 3, 4, 16, tzinfo=UTC)
    assert "not-held" not in [finding.requirement for finding in decision.unmet]


def test_a_story_like_another_takes_all_but_the_answer(tmp_path: Path) -> None:
    written(tmp_path, HEAD + "allowed = false\n" + RX + TEST, "first")
    text = 'like = "first"\nwithout = ["test"]\nfacts.rx.quantity = 7\n'
    more = 'facts.h = { fact = "hold", at = "-P1D" }\nfacts.h2 = { fact = "hold", at = "-P1D" }\n'
    case = told(tmp_path, text + more)
    assert [fact.id for fact in case.facts] == ["rx", "h", "h2"]
    assert getattr(case.facts[0], "quantity", None) == 7
    assert case.expected.allowed is None


def test_a_fact_told_whole_replaces_the_other_whole(tmp_path: Path) -> None:
    written(tmp_path, HEAD + TEST + "sensitivity_miu_ml = 25\n", "first")
    with pytest.raises(DomainError, match=r"facts.test.result: pregnancy_test needs it"):
        told(tmp_path, 'like = "first"\n[facts.test]\nfact = "pregnancy_test"\nat = "-P1D"\n')


def test_a_change_to_a_fact_that_is_not_there_is_refused(tmp_path: Path) -> None:
    written(tmp_path, HEAD + RX, "first")
    with pytest.raises(DomainError, match=r"facts.rxx: no fact of this name to change; there are rx"):
        told(tmp_path, 'like = "first"\nfacts.rxx.quantity = 7\n')


@pytest.mark.parametrize(
    ("expected", "what"),
    [
        ("allowed = true", ["allowed", "unmet", "codes"]),
        ('unmet = ["enrolled"]', ["unmet"]),
        ('codes = ["ENROLMENT_MISSING"]', ["codes"]),
        ('valid_until = "+P1D"', ["valid_until"]),
        ('valid_until = "none"', []),
        ('earliest_at = "none"', ["earliest_at"]),
        ("authorization_ends_at = 2024-03-12", ["authorization_ends_at"]),
        ("allowed = false", []),
    ],
)
def test_an_answer_that_is_not_the_expected_one_is_named(expected: str, what: list[str], tmp_path: Path) -> None:
    ran = run_case(*load_case(written(tmp_path, f"{HEAD}{expected}\n{RX}"), catalogue()))
    assert [mismatch.what for mismatch in ran.mismatches] == what
