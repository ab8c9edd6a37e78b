"""Writes anew what is made from the vocabulary of facts: `python -m tests.cases.regenerate`."""

import json
import re

from compliance.cases.schema import case_schema, facts_table
from compliance.paths import POLICIES

SCHEMA = POLICIES / "case.schema.json"
README = POLICIES / "README.md"
TABLE = re.compile(
    r"(?<=<!-- facts: made by tests\.cases\.regenerate -->\n\n)(.*?)(?=\n\n<!-- end of facts -->)", re.DOTALL
)


def schema_text() -> str:
    """The schema as it is committed."""
    return json.dumps(case_schema(), indent=1) + "\n"


def main() -> None:
    """Write the schema, and the table inside the README."""
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    README.write_text(TABLE.sub(lambda _: facts_table(), text), encoding="utf-8")


if __name__ == "__main__":
    main()
