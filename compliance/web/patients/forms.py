"""Forms for registering a patient."""

from compliance.web.fields import Text
from compliance.web.forms import Form
from compliance.web.time_fields import Day


class RegisterForm(Form):
    """Who a patient is; names never identify alone, so the birth date and a record number stand beside them."""

    family_name = Text("Family name", missing="Enter the family name")
    given_name = Text("Given name", missing="Enter the given name")
    birth_date = Day("Date of birth", missing="Enter the date of birth")
    mrn = Text(
        "Medical record number", most=64, description="The number at your own site, if there is one.",
        look={"width": 20},
    )  # fmt: skip
