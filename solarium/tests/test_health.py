from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


def test_healthz_says_that_the_process_lives(client):
    assert client.get("/healthz").json()["success"] is True


def test_readyz_has_one_line_a_part(client):
    body = client.get("/readyz").json()

    assert {name: body[name] for name in ("database", "cache", "migrations")} == {
        "database": "ok",
        "cache": "ok",
        "migrations": "ok",
    }


def test_readyz_is_503_while_the_cache_is_down(client, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["cache"]) == (503, "down")
    assert answer["Retry-After"]


@pytest.mark.parametrize(
    ("path", "status"), [("/healthz", 200), ("/readyz", 200), ("/nowhere", 400)]
)
def test_probes_alone_are_answered_by_address(client, path, status):
    assert client.get(path, HTTP_HOST="10.0.0.7:8000").status_code == status
