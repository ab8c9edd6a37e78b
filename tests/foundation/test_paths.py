"""The files beside the code are found in a checkout, in a wheel, and by name when they are missing."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from compliance import paths
from tests.house.sources import ROOT


def test_a_checkout_uses_the_folders_beside_the_package() -> None:
    assert paths.TEMPLATES == ROOT / "templates"
    assert paths.require(paths.STATIC) == ROOT / "static"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*/nothing: the installation is incomplete"):
        paths.require(tmp_path / "nothing")


def test_missing_page_assets_say_how_to_build_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "STATIC", tmp_path / "static")
    with pytest.raises(FileNotFoundError, match=r"python3 dev\.py setup builds it"):
        paths.require(tmp_path / "static")


def test_the_wheel_carries_its_files_and_finds_them(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("kelsey-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        "from compliance import paths as p; "
        "print([f.is_dir() for f in (p.TEMPLATES, p.POLICIES, p.MIGRATIONS, p.STATIC)], p.ROOT)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); {code}"],
        cwd="/",
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split("] ") == ["[True, True, True, True", f"{tmp_path}/site/compliance/_data\n"]
    assert (tmp_path / "site/compliance/_data/static/vendor/nhsuk/nhsuk-frontend.min.css").exists()
