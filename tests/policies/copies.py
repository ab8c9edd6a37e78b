"""Copies of the small policy in which faults are planted."""

import hashlib
from pathlib import Path

SMALL = Path(__file__).parent / "small"
NAME = "xx/small/2024-01-01.toml"


def planted(folder: Path, *faults: tuple[str, str], released: bool = True) -> Path:
    """A copy of the small policy with each old text replaced by a new one; released anew unless said."""
    text = (SMALL / NAME).read_text(encoding="utf-8")
    for old, new in faults:
        assert text.count(old) >= 1, old
        text = text.replace(old, new)
    path = folder / NAME
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    listed = f"{digest}  {NAME}\n" if released else (SMALL / "released.sha256").read_text(encoding="ascii")
    (folder / "released.sha256").write_text(listed, encoding="ascii")
    return path
