"""Holds every answer to the published specification."""

import json
import re
from typing import Any

from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from compliance.api.openapi import specification


def conforms(response: TestResponse, method: str, template: str) -> Any:
    """Check status, content type and body of a response against the specification, and give the body."""
    spec = specification()
    operation = spec["paths"][f"/api/v1{template}"][method.lower()]
    stated = operation["responses"].get(str(response.status_code))
    assert stated is not None, f"{response.status_code} is not in the specification: {response.text}"
    if "$ref" in stated:
        stated = spec["components"]["responses"][stated["$ref"].rpartition("/")[2]]
    ((content_type, content),) = stated["content"].items()
    assert response.content_type == content_type
    body = json.loads(response.data)
    schema = {**content["schema"], "components": spec["components"]}
    problems = [error.message for error in Draft202012Validator(schema).iter_errors(body)]
    assert problems == []
    return body


def template_of(path: str) -> str:
    """The template that a path fits."""
    for template in specification()["paths"]:
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if re.fullmatch(pattern, f"/api/v1{path}"):
            return str(template.removeprefix("/api/v1"))
    raise AssertionError(f"no template for {path}")
