"""The browser of the tests shows text, and axe sees what it must see, else every page would pass."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

WHOLE = "<html lang='en'><head><title>Why</title></head><body><main><h1>Register</h1>{}</main></body></html>"


def test_the_browser_shows_text(page: Page) -> None:
    page.set_content(WHOLE.format("<p>No dispense without a decision.</p>"))
    assert page.inner_text("p") == "No dispense without a decision."
    assert page.evaluate("document.querySelector('p').offsetHeight") > 0


def test_a_whole_page_has_no_violation(page: Page, axe_violations: Callable[[Any], list[str]]) -> None:
    page.set_content(WHOLE.format("<p>No dispense without a decision.</p>"))
    assert axe_violations(page) == []


def test_planted_violations_are_found(page: Page, axe_violations: Callable[[Any], list[str]]) -> None:
    page.set_content(WHOLE.format("<img src='data:,'><input type='text'>"))
    assert axe_violations(page) == ["image-alt (critical): img", "label (critical): input"]
