"""So that callers can tell refused bytes from broken code: one exception, with a stable code."""


class LedgerError(Exception):
    """Raised for anything the ledger refuses, so that no other exception escapes from hostile input.

    `code` is stable and meant for programs; the message is meant for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type["LedgerError"], tuple[str, str]]:
        """Keep both arguments when the error crosses a process boundary."""
        return (LedgerError, (self.code, self.message))
