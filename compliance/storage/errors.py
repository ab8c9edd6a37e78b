"""What can go wrong underneath, in words that services understand without knowing SQL."""


class StorageUnavailable(Exception):
    """The database cannot be read or written now: locked, full, gone. Nothing was done, or nobody knows."""


class Busy(StorageUnavailable):
    """Another transaction stood in the way; the same unit of work may succeed when run again."""


class Clash(Exception):
    """A rule that the database itself keeps was about to be broken. `rule` names it."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(f"the database keeps the rule {rule}")


class Unstorable(Exception):
    """A value that no database keeps: half a character, a NUL, a number beyond 64 bits."""


class SchemaMismatch(Exception):
    """The database is not at the version this program was written for."""


class ClockDistrusted(Exception):
    """The clock shows a time before that of the newest log entry."""


class LogBroken(Exception):
    """The stored log contradicts itself or its key; nothing may be appended to it."""


class RecordUnreadable(Exception):
    """A stored fact cannot be read, and a record with a gap must not be decided on."""
