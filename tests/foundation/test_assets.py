"""Pages fetch nothing from anybody else's server."""

from pathlib import Path

import pytest

from compliance import paths
from compliance.assets import AssetsError, build, refuse_outside

NODE_MODULES = paths.ROOT / "node_modules"
VENDOR = paths.STATIC / "vendor"


def content(folder: Path) -> dict[str, bytes]:
    """All files of a folder by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_building_twice_changes_nothing(tmp_path: Path) -> None:
    build(NODE_MODULES, tmp_path / "vendor")
    first = content(tmp_path / "vendor")
    build(NODE_MODULES, tmp_path / "vendor")
    assert content(tmp_path / "vendor") == first == content(VENDOR)
    assert sorted(first) == [
        "atkinson/LICENSE",
        "atkinson/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2",
        "atkinson/atkinson-hyperlegible-next-latin-wght-normal.woff2",
        "atkinson/atkinson-hyperlegible-next.css",
        "nhsuk/LICENSE",
        "nhsuk/images/nhsuk-icon-arrow-down.svg",
        "nhsuk/images/nhsuk-icon-arrow-up-down.svg",
        "nhsuk/images/nhsuk-icon-arrow-up.svg",
        "nhsuk/images/nhsuk-icon-cross.svg",
        "nhsuk/nhsuk-frontend.min.css",
        "nhsuk/nhsuk-frontend.min.js",
    ]


def test_no_vendored_file_points_outside() -> None:
    refuse_outside(VENDOR)
    style = (VENDOR / "nhsuk" / "nhsuk-frontend.min.css").read_text(encoding="utf-8")
    assert "url(images/nhsuk-icon-cross.svg)" in style
    assert "Frutiger" not in style


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("a{background:url(https://assets.nhs.uk/x.woff2)}", "https://assets.n"),
        ("a{background:url(//cdn.example.org/x.png)}", "url(/"),
        ("a{background:url(/assets/images/x.svg)}", "url(/"),
        ('@import "kit.css";', "@import"),
        ("/*# sourceMappingURL=kit.css.map */", "sourceMappingURL"),
        ("a{font-family:Frutiger W01}", "Frutiger"),
    ],
)
def test_a_planted_outside_address_stops_the_build(tmp_path: Path, planted: str, found: str) -> None:
    (tmp_path / "kit.css").write_text(planted, encoding="utf-8")
    with pytest.raises(AssetsError) as refused:
        refuse_outside(tmp_path)
    assert str(refused.value).startswith("kit.css still holds '")
    assert found in str(refused.value)


def test_the_name_of_a_kind_of_drawing_is_no_address(tmp_path: Path) -> None:
    (tmp_path / "icon.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    refuse_outside(tmp_path)


def test_a_failed_build_leaves_the_old_files_whole(tmp_path: Path) -> None:
    target = tmp_path / "vendor"
    build(NODE_MODULES, target)
    before = content(target)
    with pytest.raises(AssetsError, match=r"nhsuk-frontend\.min\.css is missing: run python3 dev\.py setup"):
        build(tmp_path / "nothing", target)
    assert content(target) == before
