"""A browser is held to this server alone, and nothing with personal data stays in a cache."""

import re

import pytest

from compliance import paths
from tests.web.visiting import House

NONCE = re.compile(r"'nonce-([A-Za-z0-9_-]{22})'")


def directives(policy: str) -> dict[str, str]:
    return {name: value for name, _, value in (part.strip().partition(" ") for part in policy.split(";"))}


@pytest.mark.parametrize("path", ["/sign-in", "/patients", "/nothing", "/administration/users"])
def test_every_page_carries_the_policy_with_a_nonce_of_its_own(shared_house: House, path: str) -> None:
    visitor = shared_house.visitor("prescriber")
    seen = set()
    for _ in range(2):
        response = visitor.get(path)
        found = directives(response.headers["Content-Security-Policy"])
        nonce = NONCE.search(found["script-src"])
        assert nonce is not None
        seen.add(nonce[1])
        scripts = re.findall(r"<script[^>]*>", response.text)
        assert len(scripts) == 2
        assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
        assert found | {"script-src": NONCE.sub("'nonce'", found["script-src"])} == {
            "default-src": "'self'", "script-src": "'self' 'nonce'", "style-src": "'self'", "img-src": "'self'",
            "font-src": "'self'", "connect-src": "'self'", "object-src": "'none'", "base-uri": "'none'",
            "form-action": "'self'", "frame-ancestors": "'none'",
        }  # fmt: skip
    assert len(seen) == 2


def test_pages_are_not_kept_and_assets_are(shared_house: House) -> None:
    visitor = shared_house.visitor("prescriber")
    assert visitor.get("/patients").headers["Cache-Control"] == "no-store"
    style = re.search(r'href="(/static/kelsey\.css\?v=[0-9a-f]{12})"', visitor.get("/patients").text)
    assert style is not None
    response = visitor.get(style[1])
    assert response.status_code == 200
    response.close()
    assert "max-age=31536000" in response.headers["Cache-Control"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_no_static_file_outside_the_folder_is_served(shared_house: House) -> None:
    visitor = shared_house.visitor()
    assert visitor.get("/static/../pyproject.toml").status_code == 404
    assert visitor.get("/static/%2e%2e/pyproject.toml").status_code == 404


def test_our_own_assets_name_no_other_server() -> None:
    for name in ("kelsey.css", "kelsey.js"):
        text = (paths.STATIC / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://|url\(|@import", text), name


def test_pages_hold_no_inline_style_or_handler(shared_house: House) -> None:
    for template in paths.TEMPLATES.rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:", text), template
