"""People at a browser: they read labels, press buttons, and every page they see is checked on the way."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, BrowserContext, Locator, Page

from compliance.web.times import MONTHS
from tests.services.world import PASSWORD
from tests.web.visiting import House

WIDE, NARROW = {"width": 1200, "height": 900}, {"width": 320, "height": 700}
EASTERN = ZoneInfo("America/New_York")


@dataclass
class Stage:
    """The served pages and everybody who looks at them."""

    house: House
    browser: Browser
    address: str
    axe: Callable[[Any], list[str]]
    folder: Path
    has_scripts: bool
    contexts: list[BrowserContext] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def person(self, username: str) -> Person:
        """Somebody with a browser of their own, signed in."""
        context = self.browser.new_context(java_script_enabled=self.has_scripts, viewport=WIDE)  # type: ignore[arg-type]
        self.contexts.append(context)
        page = context.new_page()
        person = Person(self, page)
        page.on("console", lambda message: person.hear(message.type, message.text))
        page.on("pageerror", lambda error: person.complaints.append(str(error)))
        person.open("/sign-in")
        person.fill("Username", username)
        page.locator("#password").fill(PASSWORD)
        person.press("Sign in")
        return person

    def later(self, **by: float) -> datetime:
        """Let time pass."""
        return self.house.world.clock.advance(timedelta(**by))

    def now(self) -> datetime:
        """The moment, on the clock of the clinic."""
        return self.house.world.clock.now().astimezone(EASTERN)

    def close(self) -> None:
        """Close every browser window."""
        for context in self.contexts:
            context.close()


@dataclass
class Person:
    """One person at one browser window."""

    stage: Stage
    page: Page
    complaints: list[str] = field(default_factory=list)

    def hear(self, kind: str, text: str) -> None:
        """Keep what the browser complains of, but for a form that was sent back with its errors."""
        if kind == "error" and "status of 400" not in text:
            self.complaints.append(text)

    def open(self, path: str) -> None:
        """Open a page by its address."""
        self.page.goto(self.stage.address + path)
        self.look()

    def look(self) -> None:
        """Check the page that has come: accessible, and nothing sticks out, on a wide and on a narrow screen."""
        kind = re.sub(r"[a-z]{1,4}_[0-9a-f]{32}|[0-9A-Z]{4}(-[0-9A-Z]{4}){2}-[0-9A-Z]", "*", self.path)
        errors = self.page.locator(".nhsuk-error-summary").count()
        word = self.page.locator(".k-verdict__word").all_inner_texts()
        name = f"{kind}{' with errors' if errors else ''}{''.join(word)}"
        if name in self.stage.seen:
            return
        self.stage.seen.add(name)
        for size in (NARROW, WIDE):
            self.page.set_viewport_size(size)  # type: ignore[arg-type] # a plain dict of the two numbers
            if self.stage.has_scripts:
                assert self.stage.axe(self.page) == [], f"{name} at {size['width']}"
                wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                assert self.page.evaluate(wider) == 0, f"{name} at {size['width']}"
            self._photograph(name, size["width"])

    def _photograph(self, name: str, width: int) -> None:
        folder = os.environ.get("KELSEY_TEST_SHOTS")
        if folder:
            file = re.sub(r"\W+", "-", f"{name}-{width}").strip("-")
            self.page.screenshot(path=str(Path(folder) / f"{file}.png"), full_page=True)

    @property
    def path(self) -> str:
        """Where the person is."""
        return self.page.url.removeprefix(self.stage.address).partition("?")[0]

    @property
    def text(self) -> str:
        """What the person reads."""
        return self.page.locator("main").inner_text()

    @property
    def verdict(self) -> str:
        """The word of the verdict."""
        return self.page.locator(".k-verdict__word").inner_text().lower()

    @property
    def codes(self) -> list[str]:
        """The reason codes on the page, in its order."""
        return self.page.locator(".k-group .k-code").all_inner_texts()

    def press(self, name: str) -> None:
        """Press a button, or what looks like one."""
        self._one(name).click()
        self.look()

    def follow(self, name: str) -> None:
        """Follow a link."""
        self.page.get_by_role("link", name=name, exact=True).first.click()
        self.look()

    def _one(self, name: str) -> Locator:
        main = self.page.locator("main")
        button = main.get_by_role("button", name=name, exact=True)
        return button if button.count() else main.get_by_role("link", name=name, exact=True)

    def fill(self, label: str, value: str) -> None:
        """Fill in a field by its label."""
        self.page.get_by_label(label, exact=True).fill(value)

    def choose(self, group: str, *labels: str) -> None:
        """Choose in a group of radio buttons or ticks, after checking that nothing is chosen beforehand."""
        box = self.page.get_by_role("group", name=group, exact=True)
        assert box.locator("input:checked").count() == 0, f"{group} has something chosen beforehand"
        for label in labels:
            box.get_by_label(label, exact=True).check()

    def tick(self, label: str) -> None:
        """Tick one box, after checking that it is not ticked."""
        box = self.page.get_by_label(label, exact=True)
        assert not box.is_checked()
        box.check()

    def select(self, label: str, option: str) -> None:
        """Choose from a list."""
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def date(self, group: str, day: date) -> Locator:
        """Fill in a date."""
        box = self.page.get_by_role("group", name=group, exact=True)
        box.get_by_label("Day", exact=True).fill(str(day.day))
        box.get_by_label("Month", exact=True).select_option(label=MONTHS[day.month - 1])
        box.get_by_label("Year", exact=True).fill(str(day.year))
        return box

    def time(self, group: str, moment: datetime) -> None:
        """Fill in a date and a time."""
        box = self.date(group, moment.date())
        box.get_by_label("Hour (0–23)", exact=True).fill(str(moment.hour))
        box.get_by_label("Minute", exact=True).fill(f"{moment.minute:02}")
