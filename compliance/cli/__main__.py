"""So that the command runs from a checkout: `python -m compliance.cli`."""

import sys

from compliance.cli import main

if __name__ == "__main__":
    sys.exit(main())
