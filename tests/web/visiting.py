"""A visitor of the pages without a browser: reads forms as a browser would and sends them back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from compliance.domain.access import Role
from compliance.services import accounts
from compliance.services.actor import Actor
from compliance.web import create_app
from tests.services import world as worlds


@dataclass
class Input:
    """One control of a form."""

    name: str
    kind: str
    value: str
    id: str = ""
    is_chosen: bool = False
    label: str = ""


@dataclass
class FormFound:
    """One form of a page."""

    method: str
    action: str
    inputs: list[Input] = field(default_factory=list)


class Page(HTMLParser):
    """The forms, labels, headings and links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[FormFound] = []
        self.labels: dict[str, str] = {}
        self.ids: list[str] = []
        self.links: list[str] = []
        self._label: str | None = None
        self._select: Input | None = None
        self._open: FormFound | None = None
        self.feed(text)
        for form in self.forms:
            for one in form.inputs:
                one.label = self.labels.get(one.id, one.label).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "form":
            self._open = FormFound(given.get("method", "get"), given.get("action", ""))
            self.forms.append(self._open)
        elif tag == "label":
            self._label = given.get("for", "")
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif self._open is not None and tag in {"input", "select", "textarea", "button"}:
            self._control(tag, given)
        elif tag == "option" and self._select is not None and "selected" in given:
            self._select.value = given.get("value", "")

    def _control(self, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", tag) if tag == "input" else tag
        one = Input(given.get("name", ""), kind, given.get("value", ""), given.get("id", ""), "checked" in given)
        one.label = given.get("aria-label", "")
        if tag == "select":
            self._select = one
        assert self._open is not None
        self._open.inputs.append(one)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None
        elif tag == "label":
            self._label = None

    def handle_data(self, data: str) -> None:
        if self._label is not None:
            self.labels[self._label] = self.labels.get(self._label, "") + data


class Visitor:
    """Somebody at the pages."""

    def __init__(self, flask: Flask) -> None:
        self.client = flask.test_client()
        self.last: TestResponse | None = None

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        self.last = self.client.get(path)
        return self.last

    def page(self, path: str) -> Page:
        """Open a page that must be there, and read it."""
        response = self.get(path)
        assert response.status_code == 200, f"{path}: {response.status_code}"
        return Page(response.text)

    def send(self, path: str, /, to: str = "", **values: Any) -> TestResponse:
        """Fill in the form of a page and send it; `to` picks the form by its address. Dashes are written as __."""
        forms = [form for form in self.page(path).forms if form.method == "post" and "sign-out" not in form.action]
        form = next(one for one in forms if not to or one.action.endswith(to))
        data: dict[str, Any] = {one.name: one.value for one in form.inputs if one.kind == "hidden"}
        data |= {one.name: one.value for one in form.inputs if one.kind in {"text", "select"} and one.value}
        known = {one.name for one in form.inputs}
        for name, value in values.items():
            assert name.replace("__", "-") in known, f"{path} has no {name}: {sorted(known)}"
            data[name.replace("__", "-")] = value
        self.last = self.client.post(form.action or path, data=data)
        return self.last

    def follow(self) -> TestResponse:
        """Open the page that the last answer leads to."""
        assert self.last is not None
        assert self.last.status_code == 303, self.last.text
        return self.get(self.last.headers["Location"])

    def sign_in(self, username: str) -> TestResponse:
        """Sign in."""
        return self.send("/sign-in", username=username, password=worlds.PASSWORD)


@dataclass
class House:
    """A programme with its pages."""

    world: worlds.World
    flask: Flask
    administrator: Actor

    def visitor(self, username: str = "") -> Visitor:
        """Somebody at the door, or signed in."""
        found = Visitor(self.flask)
        if username:
            assert found.sign_in(username).status_code == 303
        return found


def build(url: str, var: Path) -> House:
    """Prepare a programme with an administrator, and its pages over plain HTTP."""
    world = worlds.build(url, var)
    app = replace(world.app, settings=replace(world.app.settings, secure_cookies=False))
    office = next(site for site in accounts.list_sites(app, worlds.OPERATOR) if site.kind == "office")
    made = accounts.add_user(
        app, worlds.OPERATOR, username="administrator", name="Administrator", role=Role.ADMINISTRATOR,
        site=office.id, password=worlds.PASSWORD,
    )  # fmt: skip
    who = Actor(made.id, made.name, made.role, office.id, office.kind, office.zone, "session")
    return House(world, create_app(app=app), who)


def local(address: str) -> str:
    """The path of an address."""
    return urlsplit(address).path
