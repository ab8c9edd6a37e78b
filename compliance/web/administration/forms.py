"""The administrator's forms."""

from __future__ import annotations

from compliance.domain.access import Role
from compliance.domain.facts import CertifiedRole
from compliance.services.accounts import Site, User
from compliance.web.fields import Listed, LongText, OneOf, Password, Text
from compliance.web.forms import Form
from compliance.web.time_fields import Day
from compliance.web.times import zone_name
from compliance.web.words import ROLES

_KINDS = (("clinic", "Clinic"), ("pharmacy", "Pharmacy"), ("office", "Office"))
_ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "Europe/London", "Asia/Tokyo", "UTC",
)  # fmt: skip
_SUBJECTS = {
    Role.PRESCRIBER: CertifiedRole.PRESCRIBER,
    Role.PHARMACIST: CertifiedRole.PHARMACIST,
}


class SiteForm(Form):
    """A place of work; its zone is the clock that its people enter times by."""

    name = Text("Name", missing="Enter the name")
    kind = OneOf("What is it?", _KINDS, missing="Choose what it is")
    zone = Listed("Time zone", [(key, f"{zone_name(key)} ({key})") for key in _ZONES], missing="Choose the time zone")


class UserForm(Form):
    """A person with one role at one site."""

    name = Text("Name", missing="Enter the name")
    username = Text(
        "Username", missing="Enter the username", most=64, description="2 to 64 lower-case letters, figures and ._@+-",
        look={"autocomplete": "off", "width": 20},
    )  # fmt: skip
    role = OneOf("Role", [(role.value, ROLES[role.value]) for role in Role], missing="Choose the role")
    site = Listed("Site", missing="Choose the site")
    password = Password("First password", missing="Enter a first password", autocomplete="new-password",
                        description="At least 12 characters.")  # fmt: skip

    def __init__(self, sites: list[Site]) -> None:
        super().__init__()
        self.site.offer([*((site.id, f"{site.name} ({site.kind})") for site in sites)])


class PasswordForm(Form):
    """A new password for somebody; their sessions end."""

    password = Password("New password", missing="Enter the new password", autocomplete="new-password",
                        description="At least 12 characters.")  # fmt: skip


class CertifyForm(Form):
    """Who or what is certified, and through which day."""

    subject = Listed("Who is certified?", missing="Choose who is certified")
    programme = Listed("For which programme?", missing="Choose the programme")
    expires_on = Day("Certified through the end of", missing="Enter the last day")

    def __init__(self, users: list[User], sites: list[Site], programmes: list[tuple[str, str]]) -> None:
        super().__init__()
        self.programme.offer(programmes)
        people = [
            (f"{_SUBJECTS[user.role].value}:{user.id}", f"{user.name}, {ROLES[user.role.value].lower()}")
            for user in users
            if user.role in _SUBJECTS and user.is_active
        ]
        places = [(f"pharmacy:{site.id}", f"{site.name}, pharmacy") for site in sites if site.kind == "pharmacy"]
        self.subject.offer([*people, *places])

    @property
    def chosen(self) -> tuple[CertifiedRole, str]:
        """The role and the id of who is certified."""
        role, _, subject = self.subject.data.partition(":")
        return CertifiedRole(role), subject


class RevokeForm(Form):
    """Why a certification is withdrawn."""

    reason = LongText("Why?", missing="Say why")
