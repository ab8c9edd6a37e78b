"""The forms of holds."""

from compliance.domain.facts import ReviewOutcome
from compliance.web.fields import LongText, OneOf
from compliance.web.forms import Form
from compliance.web.words import choices


class HoldForm(Form):
    """Why nothing may be supplied to a patient."""

    reason = LongText("Why?", missing="Say why")


class ReviewForm(Form):
    """One clinician's conclusion; the hold is lifted when two have come to it."""

    outcome = OneOf("Your conclusion", choices(ReviewOutcome), missing="Choose your conclusion")
    reason = LongText(
        "On what does it rest?", missing="Say on what your conclusion rests",
        description="For example: obstetric opinion, repeated serum tests. No names.",
    )  # fmt: skip
