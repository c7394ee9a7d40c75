"""The server has the operations of the OpenAPI description, and no others on their paths."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from accounts.testing import authorization
from solarium.tests.as_described import described, what_is_wrong

pytestmark = pytest.mark.django_db
METHODS = ("get", "post", "put", "patch", "delete")


def filled(path: str, parameters: list[dict[str, Any]]) -> str:
    """Return a path with the examples of its parameters."""
    for parameter in parameters:
        if parameter.get("in") == "path":
            (value, *_) = (each["value"] for each in parameter["examples"].values())
            path = path.replace(f"{{{parameter['name']}}}", value)
    assert "{" not in path
    return path


def ask(client: Client, method: str, path: str, **headers: str) -> Any:
    return getattr(client, method)(path, content_type="application/json", **headers)


def places() -> list[tuple[str, dict[str, Any]]]:
    paths, _ = described()
    return list(paths.items())


@pytest.mark.parametrize(("path", "operations"), places(), ids=[path for path, _ in places()])
class TestPaths:
    def test_each_method_is_there(self, client, path, operations):
        for method, operation in operations.items():
            answer = ask(client, method, filled(path, operation["parameters"]))

            assert answer.status_code != 405
            assert what_is_wrong(answer) == ""
            if {} not in operation["security"]:
                assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
                assert answer["WWW-Authenticate"] == "Token"

    def test_no_other_method_is(self, client, path, operations):
        """As ADMIN: who has no token hears of that first."""
        admin = authorization(User.objects.create_user(role=Role.ADMIN))
        (described_one, *_) = operations.values()
        place = filled(path, described_one["parameters"])
        others = [method for method in METHODS if method not in operations]

        assert others
        for method in others:
            answer = ask(client, method, place, **admin)
            assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_what_is_wrong_is_seen(client):
    """The judge of all answers can say no."""
    answer = client.get("/healthz")
    assert what_is_wrong(answer) == ""

    answer.status_code = 418
    assert "may not answer 418" in what_is_wrong(answer)

    answer.status_code = 200
    answer.content = b'{"success": true, "status": "ill"}'
    assert what_is_wrong(answer).startswith("GET /healthz: ")
