"""The settings that django-phone-verify asks for; the same pool as ours, held while it sends."""

from __future__ import annotations

import os

import environ

SECRET_KEY = "only-the-benchmark-uses-this-and-it-is-long-enough"  # noqa: S105
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "rest_framework",
    "phone_verify",
]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "phone_verify.urls"
USE_TZ = True
USE_I18N = False
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
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}
PHONE_VERIFICATION = {
    "BACKEND": "verify.backend.GatewayBackend",
    "OPTIONS": {"url": os.environ["GATEWAY_URL"]},
    "TOKEN_LENGTH": 6,
    "MESSAGE": "Your code is {security_code}.",
    "APP_NAME": "Solarium",
    "SECURITY_CODE_EXPIRATION_SECONDS": 3600,
    "VERIFY_SECURITY_CODE_ONLY_ONCE": True,
}
