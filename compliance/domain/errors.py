"""The one way to refuse unreadable input, so that every door can name the field and the value."""

from __future__ import annotations

from datetime import date

_SHOWN = 80


class DomainError(ValueError):
    """Input that cannot be read as facts, a policy or a case.

    `code` is stable, `field` is a dotted path, `value` is what was given (shortened), `message` says what
    to do.
    """

    def __init__(self, code: str, message: str, *, field: str = "", value: object = None) -> None:
        self.code = code
        self.field = _printable(field)
        self.value = _shorten(value)
        self.message = message
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """One line for people: where, what was given, what to do."""
        where = f"{self.field}: " if self.field else ""
        given = f" (given: {self.value})" if self.value else ""
        return f"{where}{self.message}{given}"

    def under(self, prefix: str) -> DomainError:
        """The same error seen from an outer structure, so that nested readers report whole paths."""
        inner = f"{prefix}.{self.field}" if self.field else prefix
        error = DomainError(self.code, self.message, field=inner)
        error.value = self.value
        error.args = (error.sentence(),)
        return error


def _shorten(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > _SHOWN:
        return "a number of more than 20 digits"
    if isinstance(value, str):
        text = value
    elif isinstance(value, date):
        text = value.isoformat()
    else:
        try:
            text = repr(value)
        except (ValueError, RecursionError):  # a number of thousands of digits inside, or nested too deeply
            return "a value too large to show"
    text = _printable(text[: _SHOWN + 1])
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
