"""The OpenAPI description holds, says all of it, and says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import URLPattern, get_resolver
from drf_spectacular.generators import SchemaGenerator
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.problems import TEXTS
from api.views import APIView

ROOT = Path(__file__).resolve().parents[2]
APPS = ("solarium", "otp", "documents", "accounts", "emails", "api")
OF_NO_OPERATION = {
    "bad_request",  # a Host that is not ours
    "method_not_allowed",  # what is not described
}


def codes_of(description: dict, answer: dict) -> set[str]:
    schema = answer["content"]["application/problem+json"]["schema"]
    names = [each["$ref"].rpartition("/")[2] for each in schema.get("oneOf", [schema])]
    problems = [description["components"]["schemas"][name] for name in names]
    return {problem["properties"]["code"]["enum"][0] for problem in problems}


def our_views() -> dict[str, type[APIView]]:
    """Return the views of the API by their route."""
    found = {}
    for entry in get_resolver().url_patterns:
        for pattern in getattr(entry, "url_patterns", [entry]):
            view = isinstance(pattern, URLPattern) and getattr(pattern.callback, "cls", None)
            if view and issubclass(view, APIView):
                found[str(pattern.pattern)] = view
    return found


def test_it_is_valid_without_a_warning(tmp_path):
    target = tmp_path / "schema.json"

    call_command(
        "spectacular",
        "--validate",
        "--fail-on-warn",
        format="openapi-json",
        file=str(target),
    )

    schema = json.loads(target.read_text())
    assert len(schema["paths"]) >= 18
    assert [str(error) for error in OpenAPIV31SpecValidator(schema).iter_errors()] == []


def test_it_says_what_it_describes(description):
    named = {tag["name"] for tag in description["tags"]}
    used = {
        operation["tags"][0]
        for methods in description["paths"].values()
        for operation in methods.values()
    }

    assert named == used
    assert all(tag["description"] for tag in description["tags"])
    assert description["info"]["version"]
    assert {"contact", "license"} <= set(description["info"])
    assert all(server["url"] for server in description["servers"])
    for scheme in description["components"]["securitySchemes"].values():
        assert scheme["description"]


def test_every_method_of_every_view_is_described(operations):
    views = our_views()
    methods = sum(
        1
        for view in views.values()
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(view, method)
    )

    assert len(views) >= 18
    described = [name for name in operations if "webhooks" not in name]
    hidden = [route for route in views if "webhooks" in route]
    assert len(described) == methods - len(hidden), sorted(described)


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(operations):
    names = [operation["operationId"] for operation in operations.values()]

    assert len(set(names)) == len(names)
    for operation in operations.values():
        assert re.fullmatch(r"[a-z]+[A-Za-z]*", operation["operationId"])
        assert operation["summary"]
        assert len(operation["description"]) > 40
        assert len(operation["tags"]) == 1


def test_answers_say_success_and_the_correlation_id(operations, description):
    schemas = description["components"]["schemas"]
    checked = 0
    for name, operation in operations.items():
        for status, answer in operation["responses"].items():
            if status.startswith("2") and "application/json" in answer["content"]:
                ref = answer["content"]["application/json"]["schema"]["$ref"]
                required = schemas[ref.rpartition("/")[2]]["required"]
                assert {"success", "correlationId"} <= set(required), name
                checked += 1
    assert checked >= 20


def test_refusals_are_problems_and_say_when_to_come_back(operations, description):
    for name, operation in operations.items():
        refusals = {s: a for s, a in operation["responses"].items() if not s.startswith("2")}
        assert "500" in refusals, name
        for status, answer in refusals.items():
            assert list(answer["content"]) == ["application/problem+json"], name
            codes = codes_of(description, answer)
            assert codes, name
            waits = status in ("429", "503") or codes == {"idempotency_in_progress"}
            assert ("Retry-After" in answer["headers"]) == waits, name
            assert ("WWW-Authenticate" in answer["headers"]) == (status == "401"), name


def test_every_code_that_is_raised_is_described(operations, description):
    raised = set(TEXTS)
    for path in (file for app in APPS for file in (ROOT / app).rglob("*.py")):
        if "tests" not in path.parts:
            raised |= set(re.findall(r'status=\d+,\s+code="([a-z_]+)"', path.read_text()))
            raised |= set(re.findall(r'(?:unavailable|rejected)="([a-z_]+)"', path.read_text()))
    described = {
        code
        for operation in operations.values()
        for status, answer in operation["responses"].items()
        if not status.startswith("2")
        for code in codes_of(description, answer)
    }

    assert len(raised) >= 25
    assert raised - described == OF_NO_OPERATION


def test_only_what_needs_no_token_goes_without_one(operations):
    open_to_all = {name for name, operation in operations.items() if {} in operation["security"]}

    assert open_to_all == {
        "POST /auth/login",
        "POST /auth/password/reset/confirm",
        "POST /integrations/sendOTP",
        "POST /integrations/verifyOTP",
        "POST /integrations/sendEmail",
        "GET /integrations/otp/{challenge_id}",
        "GET /healthz",
        "GET /readyz",
    }


def test_bodies_are_closed_and_required(operations, description):
    schemas = description["components"]["schemas"]
    closed = [name for name, schema in schemas.items() if name.endswith("Request")]

    assert len(closed) >= 5
    assert all(schemas[name]["additionalProperties"] is False for name in closed)
    bodies = [
        operation["requestBody"] for operation in operations.values() if "requestBody" in operation
    ]
    assert all(body["required"] for body in bodies)


@pytest.mark.parametrize(
    ("accept", "begins"),
    [
        ("application/vnd.oai.openapi", b"openapi: 3."),
        ("text/html", b"openapi: 3."),
        ("application/json", b"{"),
    ],
)
def test_it_is_served_as_yaml_or_json(client, settings, monkeypatch, accept, begins):
    settings.DEBUG = True
    monkeypatch.setattr(SchemaGenerator, "parse", lambda *args: {})  # the paths take their time

    answer = client.get("/api/schema", headers={"accept": accept})

    assert answer.status_code == 200
    assert answer.content.startswith(begins)
