"""Holds every answer that any test gets from the API to the OpenAPI description.

Only in the run on PostgreSQL, to which all tests come: it takes a millisecond an answer.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from django.db import connection
from django.http.response import HttpResponseBase
from django.test.client import Client
from django.urls import Resolver404, resolve
from drf_spectacular.generators import SchemaGenerator


@pytest.fixture(autouse=True)
def _answers_are_as_described(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test asks for by Django's client, or REST framework's, is looked at when it comes."""
    wrong: list[str] = []
    ask = Client.request

    def request(self: Client, **environ: Any) -> Any:
        answer = ask(self, **environ)
        wrong.extend(filter(None, [what_is_wrong(answer)]))
        return answer

    if connection.vendor == "postgresql":
        described()  # here: its maker is not for many threads at once
        monkeypatch.setattr(Client, "request", request)
    yield
    # Here, not where it was asked: threads and tests that expect an error would swallow it.
    assert wrong == []


@functools.cache
def described() -> tuple[dict[str, Any], Any]:
    """Return the description, and the API that Schemathesis makes of it."""
    description = SchemaGenerator().get_schema(request=None, public=True)
    return description["paths"], schemathesis.openapi.from_dict(description)


def what_is_wrong(answer: HttpResponseBase) -> str:
    """Return in what an answer differs from its description; empty where it is not described."""
    asked = answer.wsgi_request
    try:
        route = resolve(asked.path_info).route
    except Resolver404:
        return ""
    paths, api = described()
    path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda name: f"{{{name[1]}}}", route)
    path = path.replace("{pk}", "{id}")
    operation = paths.get(path, {}).get(asked.method.lower())
    if operation is None:
        return ""
    if str(answer.status_code) not in operation["responses"]:
        return f"{asked.method} {path} may not answer {answer.status_code}"
    try:
        api[path][asked.method].validate_response(_as_sent(answer))
    except (AssertionError, schemathesis.errors.SchemathesisError) as err:
        return f"{asked.method} {path}: {err}"
    except BaseExceptionGroup as err:
        return f"{asked.method} {path}: {err.exceptions[0]}"
    return ""


def _as_sent(answer: Any) -> schemathesis.Response:
    url = f"http://localhost{answer.wsgi_request.path_info}"
    return schemathesis.Response(
        status_code=answer.status_code,
        headers={name.lower(): [value] for name, value in answer.items()},
        content=answer.content,
        request=requests.Request(answer.wsgi_request.method, url).prepare(),
        elapsed=0.001,
        verify=False,
    )
