"""Whatever is wrong with a request, the answer says where and what, nothing is stored and nothing breaks."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import TestResponse

from compliance.api.operations import OPERATIONS, Key, Operation
from tests.api.caller import JSON, PREFIX, Site, site
from tests.api.conforming import conforms
from tests.api.samples import ABSENT, ACTS, UNKNOWN, Broken, body_schemas, broken, good

if TYPE_CHECKING:
    from tests.fixtures.databases import SqliteFactory

by_name = pytest.mark.parametrize("operation", ACTS, ids=lambda operation: operation.name)


@pytest.fixture(scope="module")
def still(sqlite_factory: "SqliteFactory", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One programme for all refusals: none of them may leave a trace in it."""
    with sqlite_factory.fresh() as url, site(url, tmp_path_factory.mktemp("still")) as found:
        for who in (found.world.prescriber, found.world.pharmacist):
            found.of(who)
        found.world.entries()
        yield found


@pytest.fixture
def unchanged(still: Site) -> Iterator[Site]:
    """The same, with every table counted before and after."""
    before = still.rows()
    assert before["log_leaf"] > 0
    yield still
    assert still.rows() == before


def address(operation: Operation, **path: str) -> str:
    template = operation.template
    for name in operation.parameters:
        template = template.replace(f"{{{name}}}", path.get(name, "p_0"))
    return template


def send(api: Site, operation: Operation, data: bytes, content_type: str = JSON, **headers: str) -> TestResponse:
    caller = api.of(api.world.prescriber)
    sent = {**caller.headers(), **{name.replace("_", "-"): value for name, value in headers.items()}}
    return caller.client.open(
        address(operation), method=operation.method, data=data, content_type=content_type, headers=sent
    )


def refused(response: TestResponse, operation: Operation) -> tuple[int, list[tuple[str, str]]]:
    """Hold a refusal to the specification; give its status and what it points to."""
    body = conforms(response, operation.method, operation.template.removeprefix(PREFIX))
    assert (body["type"], body["status"]) == ("about:blank", response.status_code)
    assert response.headers["Cache-Control"] == "no-store"
    if body["errors"]:
        assert body["code"] == body["errors"][0]["code"]
        assert body["errors"][0]["detail"] in body["detail"]
    return response.status_code, [(fault["pointer"], fault["code"]) for fault in body["errors"]]


CONTENT_TYPES = [
    "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json5",
    "application/json; charset=utf-16", "application/json; charset=latin-1", "application/merge-patch+json",
]  # fmt: skip
UNREADABLE: list[tuple[bytes, str, str]] = [
    (b"", "", "JSON_EMPTY"),
    (b" \r\n\t ", "", "JSON_EMPTY"),
    (b"{", "", "JSON_MALFORMED"),
    (b'{"reason": "x",}', "", "JSON_MALFORMED"),
    (b"{'reason': 'x'}", "", "JSON_MALFORMED"),
    (b'{"reason": "x"} {}', "", "JSON_MALFORMED"),
    (b'{"reason": "a\nb"}', "", "JSON_MALFORMED"),
    (b'{"reason": "\\x"}', "", "JSON_MALFORMED"),
    (b'{"a": 01}', "", "JSON_MALFORMED"),
    (b"reason=x", "", "JSON_MALFORMED"),
    (b'{"reason": "x", "reason": "y"}', "/reason", "JSON_NAME_TWICE"),
    (b'{"a": {"b": [{"c": 1, "c": 1}]}}', "/a/b/0/c", "JSON_NAME_TWICE"),
    (b'{"result": "negative", "result": "positive", "fact": "pregnancy_test"}', "/result", "JSON_NAME_TWICE"),
    (b'{"quantity": NaN}', "/quantity", "JSON_NOT_A_NUMBER"),
    (b'{"quantity": Infinity}', "/quantity", "JSON_NOT_A_NUMBER"),
    (b'{"a": [1, -Infinity]}', "/a/1", "JSON_NOT_A_NUMBER"),
    (b'{"quantity": 1.0}', "/quantity", "JSON_FRACTION"),
    (b'{"quantity": 1e400}', "/quantity", "JSON_FRACTION"),
    (b'{"quantity": ' + b"9" * 5_000 + b"}", "/quantity", "JSON_NUMBER_TOO_LARGE"),
    (b'{"quantity": -9007199254740993}', "/quantity", "JSON_NUMBER_TOO_LARGE"),
    (b"[" * 100_000, "", "JSON_TOO_DEEP"),
    (b"[" * 100_000 + b"]" * 100_000, "", "JSON_TOO_DEEP"),
    (b'{"a":' * 40_000 + b"1" + b"}" * 40_000, "", "JSON_TOO_DEEP"),
    (b'{"a":' + b"[" * 16 + b"]" * 16 + b"}", "/a" + "/0" * 15, "JSON_TOO_DEEP"),
    (b'{"reason": "\\ud800"}', "/reason", "JSON_NOT_UNICODE"),
    (b'{"a": ["\\udc00\\ud800"]}', "/a/0", "JSON_NOT_UNICODE"),
    (b'{"\\ud83d": 1}', "", "JSON_NOT_UNICODE"),
    (b'\xef\xbb\xbf{"reason": "x"}', "", "JSON_BYTE_ORDER_MARK"),
    ('{"reason": "x"}'.encode("utf-16"), "", "JSON_BYTE_ORDER_MARK"),
    ('{"reason": "x"}'.encode("utf-16-le"), "", "JSON_MALFORMED"),
    ('{"reason": "x"}'.encode("utf-32-be"), "", "JSON_MALFORMED"),
    ('{"reason": "schläft"}'.encode("latin-1"), "", "JSON_NOT_UTF8"),
    (b'{"reason": "\xed\xa0\x80"}', "", "JSON_NOT_UTF8"),
    (b'{"reason": "\xc0\xaf"}', "", "JSON_NOT_UTF8"),
    (b"\x00", "", "JSON_MALFORMED"),
    (b"\x89PNG\r\n\x1a\n", "", "JSON_NOT_UTF8"),
]


@by_name
def test_bytes_that_are_no_json_are_refused_at_every_operation(unchanged: Site, operation: Operation) -> None:
    for data, pointer, code in UNREADABLE:
        assert refused(send(unchanged, operation, data), operation) == (400, [(pointer, code)]), data[:60]


@by_name
def test_a_body_that_is_no_object_is_refused_at_every_operation(unchanged: Site, operation: Operation) -> None:
    for data in (b"[]", b'[{"fact": "report"}]', b'"text"', b"1", b"true", b"null"):
        assert refused(send(unchanged, operation, data), operation) == (422, [("", "NOT_AN_OBJECT")])


@by_name
def test_another_content_type_is_refused_at_every_operation(unchanged: Site, operation: Operation) -> None:
    for content_type in CONTENT_TYPES:
        response = send(unchanged, operation, b"{}", content_type)
        assert refused(response, operation) == (415, []), content_type
        assert response.get_json()["code"] == "CONTENT_TYPE_UNKNOWN"


@by_name
def test_a_compressed_body_is_refused_at_every_operation(unchanged: Site, operation: Operation) -> None:
    response = send(unchanged, operation, b"\x1f\x8b", Content_Encoding="gzip")
    assert refused(response, operation) == (415, [])


@by_name
def test_a_huge_body_is_refused_at_every_operation(unchanged: Site, operation: Operation) -> None:
    response = send(unchanged, operation, b'{"reason": "' + b"x" * 300_000 + b'"}')
    assert refused(response, operation) == (413, [])
    assert response.get_json()["code"] == "REQUEST_ENTITY_TOO_LARGE"


@by_name
def test_many_unknown_members_are_not_all_repeated(unchanged: Site, operation: Operation) -> None:
    many = {f"m{number}": 0 for number in range(20_000)}
    schema = body_schemas(operation)[0]
    status, faults = refused(send(unchanged, operation, json.dumps(good(schema) | many).encode()), operation)
    assert (status, len(faults), faults[0]) == (422, 100, ("/m0", "UNKNOWN_MEMBER"))


@by_name
def test_the_name_of_an_unknown_member_is_quoted_as_a_pointer(unchanged: Site, operation: Operation) -> None:
    schema = body_schemas(operation)[0]
    for name, pointer in (
        ("a/b~c", "/a~1b~0c"),
        ("", "/"),
        ("__proto__", "/__proto__"),
        ("\u0430t", "/\u0430t"),
        ("x" * 9_000, "/" + "x" * 40),
    ):
        body = json.dumps(good(schema) | {name: 1}).encode()
        assert refused(send(unchanged, operation, body), operation) == (422, [(pointer, "UNKNOWN_MEMBER")])


@by_name
def test_every_wrong_member_of_every_body_is_named_with_its_value(unchanged: Site, operation: Operation) -> None:
    for schema in body_schemas(operation):
        for wrong in broken(schema):
            check(unchanged, operation, wrong)


def check(api: Site, operation: Operation, wrong: Broken) -> None:
    response = send(api, operation, json.dumps(wrong.body).encode())
    assert refused(response, operation) == (422, [(wrong.pointer, wrong.code)]), (wrong, response.text)
    detail = response.get_json()["errors"][0]["detail"]
    is_quoted = wrong.value is not ABSENT and UNKNOWN not in json.dumps(wrong.body)
    if is_quoted and isinstance(wrong.value, str) and wrong.value:
        shown = "".join(c if c.isprintable() else "?" for c in wrong.value[:80])
        assert f"(given: {shown.removesuffix('Z')}" in detail
    elif is_quoted and isinstance(wrong.value, bool | int):
        assert f"(given: {wrong.value})" in detail


@pytest.mark.parametrize("operation", [o for o in ACTS if len(body_schemas(o)) > 1], ids=lambda o: o.name)
@pytest.mark.parametrize(
    "kind", ["", "hold_review", "dispense", "Enrolment", "enrolment\u200b", 1, None, ["cycle"], {}]
)
def test_an_unknown_kind_of_fact_is_refused(unchanged: Site, operation: Operation, kind: Any) -> None:
    at = "/replacement" if operation.name == "correct_fact" else ""
    whole = good(body_schemas(operation)[0])
    (whole.get("replacement") or whole)["fact"] = kind
    response = send(unchanged, operation, json.dumps(whole).encode())
    assert refused(response, operation) == (422, [(f"{at}/fact", "UNKNOWN_FACT")])


def test_all_faults_of_a_body_are_named_at_once(unchanged: Site) -> None:
    operation = next(operation for operation in ACTS if operation.name == "register_patient")
    body = {"given_name": "A\u200bnn", "birth_date": "2026-02-30", "sex": "f", "external_ids": [{"system": "s"}]}
    assert refused(send(unchanged, operation, json.dumps(body).encode()), operation) == (
        422,
        [
            ("/sex", "UNKNOWN_MEMBER"),
            ("/family_name", "MEMBER_MISSING"),
            ("/given_name", "CONTROL_CHARACTER"),
            ("/birth_date", "DATE_UNREADABLE"),
            ("/external_ids/0", "IDENTIFIER_UNREADABLE"),
        ],
    )


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_what_stands_in_the_query_is_refused_at_every_operation(unchanged: Site, operation: Operation) -> None:
    caller = unchanged.of(unchanged.world.prescriber)
    response = caller.client.open(
        f"{address(operation)}?force=1&skip", method=operation.method, json={}, headers=caller.headers()
    )
    assert refused(response, operation) == (400, [("?force", "UNKNOWN_PARAMETER"), ("?skip", "UNKNOWN_PARAMETER")])


KEYS = ["", " ", "a b", "x" * 129, "schl\u00fcssel", "a\tb"]


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.key is not Key.NONE], ids=lambda o: o.name)
def test_an_unreadable_idempotency_key_is_refused(unchanged: Site, operation: Operation) -> None:
    for key in KEYS:
        response = send(unchanged, operation, b"{}", Idempotency_Key=key)
        assert refused(response, operation) == (400, [("Idempotency-Key", "IDEMPOTENCY_KEY_UNREADABLE")]), key


NAMES = ["%00", "a%00b", "%FF", "%ED%A0%80", "x" * 65, "x" * 8_000, "%27%20OR%201=1--", "%0d%0aX:%201", "%D0%B0", "%20"]


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.parameters], ids=lambda operation: operation.name)
def test_a_name_in_the_path_that_none_can_have_is_not_found(unchanged: Site, operation: Operation) -> None:
    is_pharmacy = operation.rule.startswith(("/authorizations", "/dispenses", "/returns"))
    caller = unchanged.of(unchanged.world.pharmacist if is_pharmacy else unchanged.world.prescriber)
    body = good(body_schemas(operation)[0]) if operation.form else {}
    for name in NAMES:
        path = address(operation, **dict.fromkeys(operation.parameters, name))
        response = caller.client.open(path, method=operation.method, json=body, headers=caller.headers())
        assert refused(response, operation) == (404, [])
        assert response.get_json()["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1", 404, "NOT_FOUND"),
        ("GET", "/api/v1/", 404, "NOT_FOUND"),
        ("GET", "/api/v1/nothing", 404, "NOT_FOUND"),
        ("POST", "/api/v1/patients/", 404, "NOT_FOUND"),
        ("POST", "/api/v1//patients", 404, "NOT_FOUND"),
        ("GET", "/api/v1/patients", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/api/v1/patients/p_0/facts", 405, "METHOD_NOT_ALLOWED"),
        ("OPTIONS", "/api/v1/policies", 405, "METHOD_NOT_ALLOWED"),
        ("TRACE", "/api/v1/openapi.json", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/api/v1/openapi.json", 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_what_is_not_there_is_answered_with_a_problem(
    unchanged: Site, method: str, path: str, status: int, code: str
) -> None:
    caller = unchanged.of(unchanged.world.prescriber)
    response = caller.client.open(path, method=method, json={}, headers=caller.headers())
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    assert (response.get_json()["code"], response.get_json()["status"]) == (code, status)
    assert ("Allow" in response.headers) == (status == 405)
