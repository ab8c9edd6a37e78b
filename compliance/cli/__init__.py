"""The same jobs for operators and auditors: one command, one-line errors, exit codes scripts can trust."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from compliance.cli.parser import parser
from compliance.cli.speaking import Failure, complain
from compliance.domain.errors import DomainError
from compliance.settings import SettingsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; whatever goes wrong is one line, for a traceback helps nobody at a counter."""
    options = parser().parse_args(arguments)
    module, _, name = options.run.partition(":")
    try:
        code: int = getattr(import_module(f"compliance.cli.{module}"), name)(options)
        sys.stdout.flush()
    except (DomainError, SettingsError) as error:
        return complain(str(error), 2)
    except Failure as failure:
        return complain(str(failure), failure.exit_code)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return complain("stopped", 1)
    except OSError as error:
        return complain(f"{error.filename or 'the system'}: {error.strerror or error}", 1)
    return code
