"""Where data lives: the database and its pool, the cache."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from integrations import defaults
from solarium import environment as e

DATABASE_POOL_MAX = e.whole("DATABASE_POOL_MAX", 16, least=1)  # connections per worker process
# Threads of a worker that compute at once (integrations/turns.py), each with a connection.
WORKING_THREADS = min(defaults.WORKING_THREADS, DATABASE_POOL_MAX)
_POSTGRESQL, _SQLITE = "django.db.backends.postgresql", "django.db.backends.sqlite3"
try:
    _database: dict[str, Any] = e.env.db_url_config(
        e.secret("DATABASE_URL", f"sqlite:///{e.BASE_DIR / 'var' / 'solarium.sqlite3'}")
    )
except ValueError:  # its text may hold the password
    _database = {}
if _database.get("ENGINE") not in (_POSTGRESQL, _SQLITE):
    raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or sqlite:///.")
DATABASES: dict[str, dict[str, Any]] = {"default": _database}
if _database["ENGINE"] == _POSTGRESQL:
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),  # sslmode and the like, from the URL
        "pool": {"min_size": 1, "max_size": DATABASE_POOL_MAX, "timeout": 5},
        "server_side_binding": True,
    }
else:
    _database["OPTIONS"] = {
        "timeout": 20,
        # Two writers wait for each other at the start of a transaction, not in its middle.
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHE_URL = e.secret_url("CACHE_URL")
CACHE_TIMEOUT_SECONDS = 1  # to connect, and per answer: a cache that hangs must not hang us
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "OPTIONS": {
            "socket_connect_timeout": CACHE_TIMEOUT_SECONDS,
            "socket_timeout": CACHE_TIMEOUT_SECONDS,
        },
    }
    if CACHE_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
