"""The one way to the reference material beside the repository, so that its absence is always said aloud."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
REQUIRED = "KELSEY_REQUIRE_SHARED"


def shared(*parts: str) -> Path:
    """Give the path of a reference file; skip where there is none, fail where it must be there."""
    path = SHARED.joinpath(*parts)
    if path.exists():
        return path
    name = "/".join(("../shared", *parts))
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{name} is missing although {REQUIRED}=1", pytrace=False)
    pytest.skip(f"{name} is not beside this checkout")
