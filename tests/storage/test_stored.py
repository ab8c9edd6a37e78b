"""The fast reader of stored texts gives what the strict one gives, or refuses where that refuses."""

import json
from typing import Any

import pytest

from compliance.domain import facts as f
from compliance.domain.errors import DomainError
from compliance.domain.wire import read_fact, write_fact
from compliance.storage.errors import RecordUnreadable
from compliance.storage.stored import _READERS, read_stored
from tests import builders as b

FACTS = [
    *b.a_ready_frp(cycles=1), b.evidence(), b.report(f.ReportKind.ABNORMAL_BLEEDING), b.hold(),
    b.review("hold", "dr"), b.treatment(f.TreatmentStatus.STOPPED), b.negative_test(sensitivity_miu_ml=None),
    b.contraception(abstinent_since=b.NOW.date()), b.enrolment(precision=f.Precision.DAY),
]  # fmt: skip


def text_of(plain: dict[str, Any]) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.id)
def test_a_stored_fact_is_read_as_it_was_written_without_the_strict_reader(fact: f.Fact) -> None:
    text = text_of(write_fact(fact))
    assert _READERS[fact.kind].read(text) == fact
    assert read_stored(text) == read_fact(json.loads(text)) == fact


@pytest.mark.parametrize("fact", [b.retraction("x"), b.negative_test(id="n", corrects="m", reason="misread")])
def test_a_correction_is_left_to_the_strict_reader(fact: f.Fact) -> None:
    text = text_of(write_fact(fact))
    assert _READERS[fact.kind].read(text) is None
    assert read_stored(text) == fact


def changes() -> list[Any]:
    """Every member of every fact left out, emptied, retyped, misspelt or moved into an impossible time."""
    wrong: list[Any] = ["", "x y", "\u0430nn", None, True, -1, 10**9, 1.5, [], ["x"], {}, "2026-02-30T10:00:00.000000Z",
             "2026-W10-1T10:00:00.000000Z", "1899-12-31T10:00:00.000000Z", "2199-01-01T00:00:00.000000Z",
             "2026-02-03T24:00:00.000000Z", "2026-02-03T10:00:00.000000+00:00", "positive", "x" * 65]  # fmt: skip
    found = []
    for fact in FACTS:
        plain = write_fact(fact)
        for name in plain:
            found.append({key: value for key, value in plain.items() if key != name})
            found += [plain | {name: value} for value in wrong]
        found.append(plain | {"more": 1})
    return found


def test_whatever_is_changed_in_a_stored_fact_both_readers_agree() -> None:
    refused = 0
    for plain in changes():
        text = text_of(plain)
        try:
            expected = read_fact(json.loads(text))
        except DomainError:
            refused += 1
            with pytest.raises(RecordUnreadable):
                read_stored(text)
        else:
            assert read_stored(text) == expected, text
    assert refused > 1_000


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"fact":"cycle"', '{"fact":"cycle"}{"fact":"cycle"}', "[" * 100_000]
)
def test_what_is_no_fact_is_unreadable(text: str) -> None:
    with pytest.raises(RecordUnreadable):
        read_stored(text)


def test_only_so_many_texts_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.storage.stored._KEPT", 2)
    for day in ("2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"):
        plain = write_fact(b.enrolment(id="agreement")) | {"birth_date": day[:3] + "1" + day[4:]}
        assert read_stored(text_of(plain)) == read_fact(plain)
    without = write_fact(b.evidence())
    assert read_stored(text_of(without)) == b.evidence()
