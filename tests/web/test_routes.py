"""Every route has a permission, stands in the list, and lets in exactly the roles that the one table names."""

from collections.abc import Callable

import pytest
from flask import Blueprint, Flask

from compliance.domain.access import VERBS, Role, Verb
from compliance.web import sessions
from tests.web.routes import ROUTES
from tests.web.visiting import House

USERS = {
    Role.PRESCRIBER: "prescriber",
    Role.PHARMACIST: "pharmacist",
    Role.AUDITOR: "auditor",
    Role.ADMINISTRATOR: "administrator",
}
FILLED = {
    "<patient>": "p_none", "<prescription>": "rx_none", "<kind>": "cycle", "<fact>": "f_none", "<cause>": "h_none",
    "<number>": "2222-2222-2222-2", "<any(cancel, return, reverse):act>": "cancel", "<user>": "u_none",
    "<role>": "prescriber", "<subject>": "u_none", "<int:idx>": "0",
}  # fmt: skip


def permissions(flask: Flask) -> dict[str, str]:
    """Each rule of an application with what its view demands."""
    found = {}
    for rule in flask.url_map.iter_rules():
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        mark = getattr(flask.view_functions[rule.endpoint], "permission", "none")
        text = " ".join(verb.value for verb in mark) if isinstance(mark, tuple) else mark
        found[f"{methods} {rule.rule}"] = "static" if rule.endpoint == "static" else text
    return found


def test_every_route_stands_in_the_list_with_its_permission(shared_house: House) -> None:
    assert permissions(shared_house.flask) == ROUTES


def test_a_planted_route_without_a_mark_is_refused_and_found(house: House) -> None:
    planted = sessions.guarded(Blueprint("planted", __name__))
    view: Callable[[], str] = lambda: "open"  # noqa: E731 - a view without a mark
    planted.add_url_rule("/planted", "view", view)
    house.flask.register_blueprint(planted)
    assert house.visitor("prescriber").get("/planted").status_code == 403
    assert permissions(house.flask)["GET /planted"] == "none"


@pytest.mark.parametrize("role", Role)
def test_a_page_opens_for_exactly_the_roles_that_may(shared_house: House, role: Role) -> None:
    visitor = shared_house.visitor(USERS[role])
    wrong = {}
    for route, permission in ROUTES.items():
        methods, path = route.split(" ", 1)
        if "GET" not in methods or permission in {"static", "everyone", "signed in"}:
            continue
        for name, value in FILLED.items():
            path = path.replace(name, value)
        status = visitor.get(path).status_code
        is_let_in = status in {200, 404}
        if is_let_in != all(role in VERBS[Verb(verb)] for verb in permission.split()):
            wrong[path] = status
    assert wrong == {}


def test_strangers_are_led_to_the_door(shared_house: House) -> None:
    visitor = shared_house.visitor()
    for route, permission in ROUTES.items():
        methods, path = route.split(" ", 1)
        if "GET" in methods and permission not in {"static", "everyone"}:
            for name, value in FILLED.items():
                path = path.replace(name, value)
            response = visitor.get(path)
            response = visitor.get(path)
            assert (response.status_code, response.headers["Location"].partition("?")[0]) == (
                303,
                "/sign-in",
            ), path


@pytest.mark.parametrize("path", [route.split(" ", 1)[1] for route in ROUTES if "POST" in route.split(" ")[0]])
def test_no_form_is_taken_without_its_token(shared_house: House, path: str) -> None:
    for name, value in FILLED.items():
        path = path.replace(name, value)
    for visitor in (shared_house.visitor(), shared_house.visitor("administrator")):
        response = visitor.client.post(path, data={"key": "k"})
        assert response.status_code == 400
        assert "Nothing was saved" in response.text
