"""Proves over unbounded integers what the gate is tried on: `python -m tests.smt [FILE...]`.

Without files: every policy of the catalogue on its own, and every pair of neighbouring versions. With files: each on
its own, and each with the next. Ends with 1 if something that must never be was found, or the gate contradicts the
solver.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from rich.console import Console
from rich.table import Table

from compliance.domain.policy import Policy
from compliance.policies import load_catalogue, load_policy
from tests.smt.proving import Answer, changes, difference, properties


def options_of(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.smt", description=__doc__)
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE", help="policy files, older ones first")
    return parser.parse_args(arguments)


def asked(files: list[Path]) -> tuple[list[Policy], list[tuple[Policy, Policy]]]:
    """The policies to prove things of, and the pairs to compare."""
    if files:
        given = [load_policy(file.resolve()) for file in files]
        return given, list(pairwise(given))
    catalogue = load_catalogue()
    return list(catalogue.all()), [
        pair for name in catalogue.programmes() for pair in pairwise(catalogue.versions(name))
    ]


def answers(policies: list[Policy], pairs: list[tuple[Policy, Policy]]) -> Iterator[Answer]:
    """All answers, as they come."""
    for policy in policies:
        yield from properties(policy)
    for pair in pairs:
        yield from difference(*pair)


def is_wrong(answer: Answer) -> bool:
    """Whether this should not be: what must never be was found, or the gate does not see what the solver saw."""
    if answer.question.startswith("never"):
        return answer.found != "proven none"
    return answer.found == "some" and not changes(answer.witness)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; an answer that should not be makes the command fail."""
    options, wrong = options_of(arguments), 0
    table = Table("policy", "question", "answer", "a witness, as the gate answers it")
    for answer in answers(*asked(options.files)):
        wrong += is_wrong(answer)
        table.add_row(*answer)
    console = Console()
    console.print(table)
    console.print(f"{wrong} answers should not be" if wrong else "all proven")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
