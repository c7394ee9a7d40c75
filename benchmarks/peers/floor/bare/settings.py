"""No middleware, no sessions; the same pool as ours. harness/peers.py sets the environment."""

from __future__ import annotations

import os

import environ

SECRET_KEY = "only-the-benchmark-uses-this"  # noqa: S105
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["bare"]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "bare.urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        **environ.Env.db_url_config(os.environ["DATABASE_URL"]),
        # Waits longer than ours for a connection: a peer is to be slow rather than to fail.
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": int(os.environ["POOL_MAX"]), "timeout": 30}
        },
    }
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}
GATEWAY_URL = os.environ["GATEWAY_URL"]
SEND_STATEMENTS = int(os.environ["SEND_STATEMENTS"])
