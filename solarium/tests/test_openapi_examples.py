"""The examples of the OpenAPI description are all there, fit their schemas, and say what we say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS31Validator, oas31_format_checker

ROOT = Path(__file__).resolve().parents[2]
APPS = ("solarium", "otp", "documents", "accounts", "api")
WITHOUT_BODY = {
    "POST /auth/logout",
    "POST /auth/logout-all",
    "POST /documents/{id}/confirm",
    "POST /documents/{id}/renew",
    "DELETE /auth/sessions/{session_id}",
    "DELETE /documents/{id}",
}


def contents(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return what goes in and comes out, by ``request`` or the status, with schema and examples."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield "request", content
    for status, answer in operation["responses"].items():
        for content in answer["content"].values():
            yield status, content


def values(examples: dict[str, Any]) -> list[Any]:
    return [example["value"] for example in examples.values()]


def wrong(description: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """Return in what a value differs from its schema."""
    inside = {**schema, "components": description["components"]}
    validator = OAS31Validator(inside, format_checker=oas31_format_checker)
    return [error.message for error in validator.iter_errors(value)]


def test_every_request_and_answer_has_one(operations):
    for name, operation in operations.items():
        shown = [where for where, content in contents(operation) if content.get("examples")]
        assert ("request" in shown) == (name[:3] != "GET" and name not in WITHOUT_BODY), name
        assert set(operation["responses"]) <= set(shown), name


def test_each_fits_its_schema(operations, description):
    seen = 0
    for name, operation in operations.items():
        for where, content in contents(operation):
            for value in values(content["examples"]):
                found = wrong(description, content["schema"], value)
                assert not found, f"{name} {where}: {found}"
                seen += 1
    assert seen > 200


def test_a_wrong_one_would_be_seen(operations, description):
    answer = operations["POST /integrations/sendOTP"]["responses"]["200"]
    content = answer["content"]["application/json"]
    value = {**values(content["examples"])[0], "expiresAt": "soon"}

    assert wrong(description, content["schema"], value)


def test_parameters_show_what_they_may_hold(operations, description):
    shown = 0
    for name, operation in operations.items():
        for parameter in operation.get("parameters", []):
            if "$ref" in parameter:
                continue
            assert parameter.get("examples") or not parameter.get("required"), name
            for value in values(parameter.get("examples", {})):
                assert not wrong(description, parameter["schema"], _typed(parameter, value)), name
                shown += 1
    assert shown >= 20


def _typed(parameter: dict[str, Any], value: str) -> Any:
    return int(value) if parameter["schema"]["type"] == "integer" else value


def test_every_code_has_an_example_of_its_own(operations):
    for name, operation in operations.items():
        for status, answer in operation["responses"].items():
            problems = answer["content"].get("application/problem+json", {})
            for code, example in problems.get("examples", {}).items():
                assert example["value"]["code"] == code, name
                assert example["value"]["status"] == int(status), name
                assert example["summary"] == example["value"]["detail"], name


def test_headers_show_what_they_hold(description):
    headers = description["components"]["headers"]

    assert set(headers) == {"Cache-Control", "Retry-After", "WWW-Authenticate", "X-Request-ID"}
    for header in headers.values():
        assert header["description"]
        assert not wrong(description, header["schema"], header["example"])


def test_texts_for_people_are_those_that_the_code_says(operations):
    said = set(_texts())
    shown = {
        error["detail"]
        for operation in operations.values()
        for _, content in contents(operation)
        for value in values(content["examples"])
        if isinstance(value, dict) and "detail" in value
        for error in (value, *value.get("errors", []))
    }

    assert len(shown) > 30
    # Both hold a value.
    assert shown - said == {"Use at least 12 characters.", '"lost" is not a valid choice.'}


def _texts() -> Iterator[str]:
    """Return all texts in the code of the apps, but for the examples."""
    for file in (file for app in APPS for file in (ROOT / app).rglob("*.py")):
        if "tests" in file.parts or file.name.startswith(("described", "openapi_")):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
