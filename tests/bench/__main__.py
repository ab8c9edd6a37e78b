"""`python -m tests.bench NAME`: runs one measurement; every module here with a `main` is one."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def names() -> list[str]:
    """The measurements there are."""
    here = Path(__file__).parent
    modules = here.glob("[a-z]*.py")
    return sorted(path.stem for path in modules if "\ndef main(" in path.read_text(encoding="utf-8"))


def run(arguments: list[str]) -> int:
    """Run the measurement named first, handing it the rest; unknown names print what there is."""
    name = arguments[0] if arguments else ""
    if name not in names():
        print(f"say which: {', '.join(names())}", file=sys.stderr)
        return 2
    sys.argv = [f"tests.bench {name}", *arguments[1:]]
    importlib.import_module(f"tests.bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
