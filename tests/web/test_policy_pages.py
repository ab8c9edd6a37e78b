"""Whoever works here can read the rules, on a page that says the same as the printed sheet."""

import re
from html import unescape

import pytest

from compliance.policies.sheet import render, sheet_of
from tests.web.visiting import House, local

SHEET = "/policies/us/lenalidomide-rems/2023-03-24"


@pytest.mark.parametrize("username", ["prescriber", "pharmacist", "auditor", "administrator"])
def test_everybody_is_led_from_the_navigation_to_each_version(shared_house: House, username: str) -> None:
    visitor = shared_house.visitor(username)
    home = visitor.page("/policies")
    assert home.links.count("/policies") >= 1
    listed = [
        local(link) for link in home.links if local(link).count("/") == SHEET.count("/") and "/static" not in link
    ]
    everything = shared_house.world.app.policies.everything()
    assert sorted(listed) == sorted(f"/policies/{policy.id}/{policy.version}" for policy in everything)
    assert SHEET in listed


def test_the_page_holds_the_sheet_that_is_printed(shared_house: House) -> None:
    page = shared_house.visitor("pharmacist").get(SHEET).text
    sheet = sheet_of(shared_house.world.app.policies, "us/lenalidomide-rems", "2023-03-24")
    printed = render(sheet).partition('<div class="k-sheet">')[2].partition("</main>")[0]
    shown = page.partition('<div class="k-sheet">')[2].partition("</main>")[0]
    assert len(printed) > 10_000
    assert re.sub(r"\s+", "", shown) == re.sub(r"\s+", "", printed)
    assert "Version 2023-03-24: in force" in unescape(page)


@pytest.mark.parametrize(
    "path", ["/policies/us/nothing/2023-03-24", "/policies/us/lenalidomide-rems/2023-03-25", "/policies/xx/y/%3Cb%3E"]
)
def test_a_version_that_there_is_not_is_not_found(shared_house: House, path: str) -> None:
    response = shared_house.visitor("auditor").get(path)
    assert response.status_code == 404
    assert "<title>There is nothing here" in response.text
    assert "<b>" not in response.text
