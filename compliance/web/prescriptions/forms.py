"""The form of a prescription, and of voiding an authorization."""

from compliance.domain.facts import Category, Channel
from compliance.web.fields import Listed, LongText, Number, OneOf
from compliance.web.forms import Form
from compliance.web.words import choices


class PrescribeForm(Form):
    """A prescription; the regimen says how many days of treatment the capsules are."""

    product = Listed("Medicine", missing="Choose the medicine")
    category = OneOf(
        "Risk category, as it stands on the prescription",
        choices(Category),
        missing="Choose the risk category",
    )
    channel = OneOf("How it reaches the pharmacy", choices(Channel), missing="Choose how it reaches the pharmacy")
    quantity = Number("Number of capsules", missing="Enter the number of capsules")
    units_per_day = Number("Capsules on a day of taking", missing="Enter the capsules on a day of taking")
    days_on = Number("Days of taking in each cycle", missing="Enter the days of taking")
    cycle_days = Number(
        "Days in a cycle", missing="Enter the days in a cycle",
        description="A medicine taken every day: the same number as the days of taking.",
    )  # fmt: skip
    refills = Number("Refills", missing="Enter the number of refills; 0 for none")

    def __init__(self, products: list[tuple[str, str]]) -> None:
        super().__init__()
        self.product.offer(products)

    def plain(self) -> dict[str, object]:
        """The prescription as the services take it."""
        numbers = ("quantity", "units_per_day", "days_on", "cycle_days", "refills")
        return {
            **{name: self[name].data for name in ("product", "category", "channel")},
            **{name: self[name].number for name in numbers},
        }


class VoidForm(Form):
    """Why an authorization ends before its time."""

    reason = LongText("Why is it voided?", missing="Say why it is voided")
