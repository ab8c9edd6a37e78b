"""The shortest form there is, because nothing may stand in the way of this news."""

from __future__ import annotations

from typing import Any

from compliance.domain.wire import write_instant
from compliance.web.fields import OneOf, Text
from compliance.web.forms import Form, leave_out
from compliance.web.time_fields import LocalTime

_WHAT = (("test", "A positive pregnancy test"), ("pregnancy", "A pregnancy"))


class ReportForm(Form):
    """Which patient, and what is known. The day may stay empty: the news counts from now then."""

    named = Text(
        "Which patient?", missing="Enter a number that names the patient", most=64,
        description="An authorization number or a prescription number; at your own site the patient's number too.",
        look={"width": 20},
    )  # fmt: skip
    what = OneOf("What is reported?", _WHAT, missing="Choose what is reported")
    known_at = LocalTime(
        "When was the test taken, or the pregnancy found?", only_day=True,
        description="If it is not known, leave everything empty.",
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.left_out: list[str] = []

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask again for who or what, but never for when: the news must not wait for a date."""
        good = bool(super().validate(extra_validators))
        if self.known_at.errors and not (self.named.errors or self.what.errors):
            self.left_out = leave_out(self)
            return True
        return good

    def plain(self) -> dict[str, Any]:
        """The news. A test without its details is accepted as news of a pregnancy."""
        is_test = self.what.data == "test"
        known = self.known_at.data
        when = {"at": write_instant(known.at), "precision": known.precision.value} if known else {}
        if is_test:
            return {"fact": "pregnancy_test", "result": "positive", **when}
        return {"fact": "report", "what": "pregnancy", **when}
