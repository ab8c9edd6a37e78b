"""Draws form fields with the page kit's macros, in an environment of their own.

The macros need an undefined value that forgives everything. Ours must not: there a misspelt name is an error. So the
kit has its own environment, and our templates see only the finished markup.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import ChainableUndefined, Environment, PackageLoader
from markupsafe import Markup


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("nhsuk_frontend_jinja"), undefined=ChainableUndefined, autoescape=True)


@cache
def _macro(component: str, name: str) -> Any:
    return getattr(_environment().get_template(f"nhsuk/components/{component}/macro.jinja").module, name)


def draw(component: str, name: str, params: dict[str, Any]) -> Markup:
    """One component of the kit. Texts in `params` are escaped; nothing here passes markup on."""
    return Markup(_macro(component, name)(params))  # noqa: S704 - the macro has escaped the texts


def draw_field(field: Any, *, is_heading: bool = False) -> Markup:
    """A form field with its label, hint and error, bound together for screen readers."""
    return _DRAWERS[field.kind](field, is_heading=is_heading)


def error_summary(errors: list[tuple[str, str]]) -> Markup:
    """What is wrong with a form, at the top of the page, each line leading to its field."""
    items = [{"text": text, "href": f"#{target}"} if target else {"text": text} for target, text in errors]
    return draw("error-summary", "errorSummary", {"titleText": "There is a problem", "errorList": items})


def _common(field: Any) -> dict[str, Any]:
    params: dict[str, Any] = {"id": field.id, "name": field.name}
    if field.description:
        params["hint"] = {"text": field.description}
    if field.errors:
        params["errorMessage"] = {"text": field.errors[0]}
    return params


def _choices(field: Any, items: list[dict[str, Any]]) -> dict[str, Any]:
    """The parameters of a group of choices; the id belongs to the first input, where error summaries lead."""
    common = _common(field)
    del common["id"]
    return common | {"idPrefix": field.id, "items": items}


def _label(field: Any, *, is_heading: bool) -> dict[str, Any]:
    size = {"isPageHeading": True, "size": "l"} if is_heading else {"size": "s"}
    return {"label": {"text": field.label.text, **size}}


def _legend(field: Any, *, is_heading: bool) -> dict[str, Any]:
    size = {"isPageHeading": True, "size": "l"} if is_heading else {"size": "s"}
    return {"fieldset": {"legend": {"text": field.label.text, **size}}}


def _input(field: Any, *, is_heading: bool) -> Markup:
    params = _common(field) | _label(field, is_heading=is_heading) | {"value": field.data or "", **field.look}
    return draw("input", "input", params)


def _password(field: Any, *, is_heading: bool) -> Markup:
    params = _common(field) | _label(field, is_heading=is_heading) | field.look
    return draw("password-input", "passwordInput", params)


def _textarea(field: Any, *, is_heading: bool) -> Markup:
    params = _common(field) | _label(field, is_heading=is_heading) | {"value": field.data or "", "rows": 3}
    return draw("textarea", "textarea", params)


def _select(field: Any, *, is_heading: bool) -> Markup:
    items = [{"value": value, "text": text, "selected": value == field.data} for value, text in field.choices.items()]
    params = _common(field) | _label(field, is_heading=is_heading) | {"items": items}
    return draw("select", "select", params)


def _radios(field: Any, *, is_heading: bool) -> Markup:
    items = [_item(field, choice, choice[0] == field.data) for choice in field.choices.items()]
    params = _choices(field, items) | _legend(field, is_heading=is_heading)
    return draw("radios", "radios", params)


def _checkboxes(field: Any, *, is_heading: bool) -> Markup:
    ticked = field.data or []
    items = [_item(field, choice, choice[0] in ticked) for choice in field.choices.items()]
    params = _choices(field, items) | _legend(field, is_heading=is_heading)
    return draw("checkboxes", "checkboxes", params)


def _tick(field: Any, *, is_heading: bool) -> Markup:  # noqa: ARG001 - all drawers share one signature
    item = {"value": "y", "text": field.label.text, "checked": bool(field.data)}
    return draw("checkboxes", "checkboxes", _choices(field, [item]))


def _item(field: Any, choice: tuple[str, str], is_chosen: bool) -> dict[str, Any]:  # noqa: FBT001 - drawn, not asked
    item: dict[str, Any] = {"value": choice[0], "text": choice[1], "checked": is_chosen}
    hint = field.item_hints.get(choice[0])
    return item | ({"hint": {"text": hint}} if hint else {})


_DRAWERS = {
    "input": _input,
    "password": _password,
    "textarea": _textarea,
    "select": _select,
    "radios": _radios,
    "checkboxes": _checkboxes,
    "tick": _tick,
}
