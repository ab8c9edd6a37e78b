"""Where the files beside the code are, so that a checkout and an installed wheel behave alike.

The wheel carries the data folders in `compliance/_data`; in a checkout they stand beside the package. The
wheel's place is looked at first, because in site-packages a neighbour may own a folder named `templates`.
"""

from pathlib import Path

_HERE = Path(__file__).resolve().parent
ROOT = _HERE / "_data" if (_HERE / "_data").is_dir() else _HERE.parent

TEMPLATES = ROOT / "templates"
POLICIES = ROOT / "policies"
MIGRATIONS = ROOT / "migrations"
STATIC = ROOT / "static"


def require(folder: Path) -> Path:
    """Give the folder back, or say what is missing, rather than fail later with an obscure error."""
    if not folder.is_dir():
        hint = "python3 dev.py setup builds it" if folder == STATIC else "the installation is incomplete"
        raise FileNotFoundError(f"there is no folder {folder}: {hint}")
    return folder
