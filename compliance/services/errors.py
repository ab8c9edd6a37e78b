"""Why a service did not do what it was asked, in words every door can show. They know no HTTP.

A refusal by the gate is not among them: that is a value, with its reasons.
"""

from compliance.domain.errors import DomainError


class ServiceError(Exception):
    """Something that was not done: a stable code, what to do, and the field and value it is about."""

    def __init__(self, code: str, message: str, field: str = "", value: str = "") -> None:
        self.code = code
        self.message = message
        self.field = field
        self.value = value
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """One line for people: where, what was given, what to do."""
        where = f"{self.field}: " if self.field else ""
        given = f" (given: {self.value})" if self.value else ""
        return f"{where}{self.message}{given}"


class NotFound(ServiceError):
    """There is no such thing, or none that this person may know of: the two must look the same."""


class NotPermitted(ServiceError):
    """This person may not do that."""


class Conflict(ServiceError):
    """What is asked contradicts what has happened meanwhile."""


class Invalid(ServiceError):
    """The input cannot be used."""


class Unavailable(ServiceError):
    """Nothing can be done now; what was asked may be asked again with the same key."""


def invalid(error: DomainError) -> Invalid:
    """Carry a ground-floor refusal up to the doors unchanged."""
    return Invalid(error.code, error.message, error.field, error.value)


def no_such(what: str) -> NotFound:
    """The one answer for everything that is not there or not this person's to see."""
    return NotFound("NOT_FOUND", f"there is no such {what}; check the number or id")
