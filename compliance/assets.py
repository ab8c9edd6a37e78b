"""Builds static/vendor from the npm packages, so that pages fetch nothing from anybody else's server.

The page kit's stylesheet names fonts on a server of the NHS, which we may not use, and icons at the root of
the site. Both are rewritten here, and whatever still points outside stops the build. Running it twice changes
nothing.
"""

import re
import shutil
import sys
from pathlib import Path

from compliance import paths

_KIT = Path("nhsuk-frontend/dist/nhsuk")
_FONT = Path("@fontsource-variable/atkinson-hyperlegible-next")
_FONT_FILES = {  # file: the characters it holds, as its publisher names them
    "atkinson-hyperlegible-next-latin-wght-normal.woff2": "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,"
    "U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD",
    "atkinson-hyperlegible-next-latin-ext-wght-normal.woff2": "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,"
    "U+02CE-02D7,U+02DD-02FF,U+1D00-1DBF,U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF",
}
_FONT_NAME = "Atkinson Hyperlegible Next"
_FONT_FACE = """@font-face {{
  font-family: "{name}";
  font-style: normal;
  font-display: swap;
  font-weight: 200 800;
  src: url({file}) format("woff2");
  unicode-range: {characters};
}}
"""
_MIT = """MIT License

Copyright (c) NHS England (nhsuk-frontend)

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without
limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the
Software, and to permit persons to whom the Software is furnished to do so, subject to the following
conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions
of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED
TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL
THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF
CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER
DEALINGS IN THE SOFTWARE.
"""
_ICON = re.compile(r"url\(/assets/images/([a-z0-9-]+\.svg)\)")
_SOURCE_MAP = re.compile(r"(?:/\*[#@] sourceMappingURL=[^*]*\*/|//[#@] sourceMappingURL=\S+)\s*")
_NAMESPACE = re.compile(r"http://www\.w3\.org/(?:2000/svg|1999/xlink)")  # names a kind of document; not fetched
_OUTSIDE = re.compile(r"(?:https?:)?//[A-Za-z0-9-]+\.[A-Za-z]|@import|url\(\s*[\"']?/|sourceMappingURL|Frutiger")


class AssetsError(RuntimeError):
    """Says which file is missing or still points outside."""

    code = "assets-unusable"


def build(node_modules: Path, target: Path) -> None:
    """Make the folder beside the old one and swap them, so that a failed build leaves the old one whole."""
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        _build_kit(node_modules / _KIT, fresh / "nhsuk")
        _build_font(node_modules / _FONT, fresh / "atkinson")
    except FileNotFoundError as missing:
        raise AssetsError(f"{missing.filename} is missing: run python3 dev.py setup") from missing
    refuse_outside(fresh)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


def refuse_outside(folder: Path) -> None:
    """Stop if any file would make a browser ask another server, or ours at a path it does not serve."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in {".css", ".js", ".svg"}:
            continue
        found = _OUTSIDE.search(_NAMESPACE.sub("", path.read_text(encoding="utf-8")))
        if found:
            raise AssetsError(f"{path.relative_to(folder)} still holds {found.group()!r}")


def _build_kit(kit: Path, target: Path) -> None:
    style = (kit / "nhsuk-frontend.min.css").read_text(encoding="utf-8")
    style = re.sub(r"@font-face\s*\{[^}]*\}", "", style).replace("Frutiger W01", f'"{_FONT_NAME}"')
    (target / "images").mkdir(parents=True)
    for icon in sorted(set(_ICON.findall(style))):
        shutil.copyfile(kit / "assets" / "images" / icon, target / "images" / icon)
    style = _ICON.sub(r"url(images/\1)", style)
    _write(target / "nhsuk-frontend.min.css", _SOURCE_MAP.sub("", style))
    script = (kit / "nhsuk-frontend.min.js").read_text(encoding="utf-8")
    _write(target / "nhsuk-frontend.min.js", _SOURCE_MAP.sub("", script))
    _write(target / "LICENSE", _MIT)


def _build_font(font: Path, target: Path) -> None:
    target.mkdir(parents=True)
    faces = ""
    for file, characters in _FONT_FILES.items():
        shutil.copyfile(font / "files" / file, target / file)
        faces += _FONT_FACE.format(name=_FONT_NAME, file=file, characters=characters)
    _write(target / "atkinson-hyperlegible-next.css", faces)
    shutil.copyfile(font / "LICENSE", target / "LICENSE")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    try:
        build(paths.ROOT / "node_modules", paths.STATIC / "vendor")
    except AssetsError as problem:
        sys.exit(str(problem))
