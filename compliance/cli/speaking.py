"""How commands speak: tables for people at a terminal, plain lines for pipes, one line for an error."""

from __future__ import annotations

import sys
from datetime import datetime

from rich.console import Console

from compliance.domain.span import Zone


class Failure(Exception):
    """Ends a command with one line that says what is wrong and what to do."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        self.exit_code = exit_code
        super().__init__(message)


def complain(message: str, exit_code: int) -> int:
    """Say one line on the error stream, and give the exit code."""
    line = "".join(c if c.isprintable() else " " for c in message)
    print(f"kelsey: {line}", file=sys.stderr)
    return exit_code


def console() -> Console:
    """Where people read; made anew for each command, because the streams may have been redirected since."""
    return Console(highlight=False, markup=False)


def is_for_people() -> bool:
    """Whether a person is likely to read the output, rather than a program."""
    return sys.stdout.isatty()


def shown(moment: datetime | None, where: Zone) -> str:
    """A moment on the clocks of a zone, or nothing."""
    if moment is None:
        return ""
    local = moment.astimezone(where.tz)
    precise = local.isoformat(sep=" ", timespec="microseconds" if local.microsecond else "minutes")
    return f"{precise[:-6]} {local.tzname()}"
