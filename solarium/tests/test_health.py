from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import redis
from django.db.migrations.recorder import MigrationRecorder

from solarium import health

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


def test_readyz_is_503_while_a_migration_is_missing(client):
    MigrationRecorder.Migration.objects.filter(app="accounts").latest("pk").delete()

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["migrations"]) == (503, "pending")


@pytest.mark.postgres
def test_a_probe_leaves_no_connection_of_its_thread_at_redis(settings):
    with redis.Redis.from_url(settings.CACHE_URL) as asked, ExitStack() as alive:
        database = str(asked.connection_pool.connection_kwargs.get("db", 0))

        def connections():
            return sum(each["db"] == database for each in asked.client_list())

        before = connections()
        for _ in range(8):
            thread = alive.enter_context(ThreadPoolExecutor(1))
            assert thread.submit(health._cache).result() == "ok"
        assert connections() <= before + 1


@pytest.mark.parametrize(
    ("path", "status"), [("/healthz", 200), ("/readyz", 200), ("/nowhere", 400)]
)
def test_probes_alone_are_answered_by_address(client, path, status):
    assert client.get(path, HTTP_HOST="10.0.0.7:8000").status_code == status
