"""Rules that hold for the project as a whole."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.settings import api_settings
from rest_framework.views import APIView as RestAPIView

from solarium.schema import DocsView, SchemaView


def patterns(resolver=None):
    for item in (resolver or get_resolver()).url_patterns:
        if isinstance(item, URLResolver):
            if str(item.pattern) != "admin/":
                yield from patterns(item)
        elif isinstance(item, URLPattern):
            yield item


def last_route():
    """Everything unknown: it answers 404 and reads nothing."""
    return list(patterns())[-1]


def views():
    found = [getattr(p.callback, "cls", None) for p in patterns()]
    return [view for view in found if view and issubclass(view, RestAPIView)]


class TestViews:
    def test_csrf_exempt_ones_take_no_session(self):
        """S43."""
        exempt = [p for p in patterns() if getattr(p.callback, "csrf_exempt", False)]
        exempt = [p for p in exempt if p.callback is not last_route().callback]

        assert len(exempt) > 10
        for pattern in exempt:
            view = pattern.callback.cls
            assert issubclass(view, RestAPIView)
            names = [auth.__name__ for auth in view.authentication_classes]
            by_session = view in (SchemaView, DocsView)  # which are only read
            assert names in (
                [["TokenAuthentication", "AdminSessionAuthentication"]]
                if by_session
                else [[], ["TokenAuthentication"]]
            )

    def test_default_is_deny_and_json_only(self):
        """S65."""
        assert [c.__name__ for c in api_settings.DEFAULT_PERMISSION_CLASSES] == ["IsAuthenticated"]
        assert [c.__name__ for c in api_settings.DEFAULT_PARSER_CLASSES] == ["StrictJSONParser"]
        assert [c.__name__ for c in api_settings.DEFAULT_RENDERER_CLASSES] == ["JSONRenderer"]

    def test_open_ones_are_known(self):
        names = {v.__name__ for v in views() if v.permission_classes[0].__name__ == "AllowAny"}

        assert names == {
            "SendOTPView", "VerifyOTPView", "ChallengeView", "LoginView",
            "ResetConfirmView", "SendEmailView", "HealthView", "ReadyView",
            "MSG91ReportsView", "SendGridReportsView",
        }  # fmt: skip


@pytest.mark.django_db
class TestHeaders:
    def test_every_answer_is_hardened(self, client):
        """S63."""
        answer = client.get("/healthz")

        policy = answer["Content-Security-Policy"]
        for rule in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert rule in policy
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Referrer-Policy"] == "same-origin"

    def test_cors_names_exact_origins_without_credentials(self, client, settings):
        """S64."""
        settings.CORS_ALLOWED_ORIGINS = ["https://portal.solarium.example"]

        ours = client.get("/healthz", HTTP_ORIGIN="https://portal.solarium.example")
        other = client.get("/healthz", HTTP_ORIGIN="https://portal.solarium.example.evil.com")

        assert ours["Access-Control-Allow-Origin"] == "https://portal.solarium.example"
        assert "Access-Control-Allow-Credentials" not in ours
        assert "Access-Control-Allow-Origin" not in other

    def test_cors_lets_pages_send_and_read_our_headers(self, client, settings):
        settings.CORS_ALLOWED_ORIGINS = ["https://portal.solarium.example"]
        asks = {
            "HTTP_ORIGIN": "https://portal.solarium.example",
            "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST",
        }

        before = client.options("/integrations/sendOTP", **asks)["Access-Control-Allow-Headers"]
        after = client.get("/healthz", **asks)["Access-Control-Expose-Headers"]

        assert {"authorization", "idempotency-key", "x-install-proof"} <= set(before.split(", "))
        assert set(after.split(", ")) == {"X-Request-ID", "Retry-After", "Idempotent-Replayed"}

    def test_docs_are_for_staff_only(self, client, settings):
        """S66."""
        settings.DEBUG = False

        for path in ("/api/schema", "/api/docs"):
            for accept in ("*/*", "text/html", "application/json", "image/png"):
                answer = client.get(path, HTTP_ACCEPT=accept)
                assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")

        settings.DEBUG = True
        assert client.get("/api/schema", HTTP_ACCEPT="application/json").json()["openapi"]


@pytest.mark.slow
class TestBoot:
    GOOD = {
        "DJANGO_DEBUG": "false",
        "DJANGO_SECRET_KEY": "k" * 30 + "0123456789abcdefghijklmnopqrstuvwxyz",
        "DJANGO_ALLOWED_HOSTS": "api.solarium.example",
        "PUBLIC_BASE_URL": "https://api.solarium.example",
        "CACHE_URL": "redis://127.0.0.1:6379/9",
        "MSG91_AUTH_KEY": "a" * 20,
        "MSG91_OTP_TEMPLATE_ID": "65f0aa11d6fc05bbbb000002",
        "SENDGRID_API_KEY": "SG.a.b",
        "SENDGRID_FROM_EMAIL": "no-reply@solarium.example",
        "AZURE_STORAGE_ACCOUNT_URL": "https://solarium.blob.core.windows.net",
        "FINGERPRINT_KEY": "f" * 40,
        "OTP_PEPPERS": "p" * 40,
        "DATABASE_URL": "sqlite://:memory:",  # not the developer's: checks look at stored keys
        "KEY_ENCRYPTION_KEYS": "ZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWU=",
    }

    def check(self, **changes):
        env = {"PATH": os.environ["PATH"], **self.GOOD, **changes}
        env = {name: value for name, value in env.items() if value is not None}
        return subprocess.run(
            [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
            env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def test_production_settings_pass_the_deploy_check(self):
        """S63."""
        done = self.check()

        assert done.returncode == 0, done.stderr

    @pytest.mark.parametrize("wrong", [["--bogus"], ["--role"], ["--name", b"\xff"]])
    def test_a_command_refuses_with_exit_code_1(self, wrong):
        done = subprocess.run(
            [sys.executable, "manage.py", "create_user", *wrong],
            env={"PATH": os.environ["PATH"], **self.GOOD}, capture_output=True, check=False,
        )  # fmt: skip

        assert done.returncode == 1
        assert done.stderr
        assert b"Traceback" not in done.stderr

    def test_each_missing_key_is_named(self):
        """S61: keys come from the environment, and production does not start without them."""
        names = ["MSG91_AUTH_KEY", "SENDGRID_API_KEY", "AZURE_STORAGE_ACCOUNT_URL", "OTP_PEPPERS"]
        names += ["KEY_ENCRYPTION_KEYS"]

        done = self.check(**dict.fromkeys(names))

        assert done.returncode == 1
        for name in names:
            assert f"{name} is not set" in done.stderr

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"DJANGO_SECRET_KEY": None}, "DJANGO_SECRET_KEY is not set"),
            ({"PUBLIC_BASE_URL": "http://api.solarium.example"}, "must begin with https://"),
            ({"SENDGRID_BASE_URL": "http://10.0.0.1"}, "SENDGRID_BASE_URL must begin with https"),
            ({"SOLARIUM_ENV": "../prod"}, "SOLARIUM_ENV may hold"),
            ({"PROVIDER_RETRIES": "two"}, "PROVIDER_RETRIES must be a whole number"),
            ({"MSG91_API": "sms"}, "MSG91_API must be"),
            ({"DATABASE_URL": "garbage"}, "DATABASE_URL must begin with"),
            ({"DATABASE_URL": "mysql://user@host/db"}, "DATABASE_URL must begin with"),
            ({"DATABASE_URL": "postgres://user@host:port/db"}, "DATABASE_URL must begin with"),
            ({"DATABASE_POOL_MAX": "0"}, "DATABASE_POOL_MAX must be a whole number from 1 on"),
            ({"CACHE_URL": "garbage"}, "CACHE_URL must begin with"),
            ({"AZURE_SAS_PROTOCOL": "ftp"}, "AZURE_SAS_PROTOCOL must be"),
            ({"AZURE_STORAGE_CONNECTION_STRING": "garbage"}, "must hold AccountName"),
            ({"DJANGO_ALLOWED_HOSTS": None}, "DJANGO_ALLOWED_HOSTS is not set"),
            ({"MSG91_AUTH_KEY_FILE": "/nonexistent"}, "MSG91_AUTH_KEY_FILE"),
            ({"DATABASE_URL_FILE": "/nonexistent"}, "DATABASE_URL_FILE"),
            ({"MSG91_WEBHOOK_TOKEN": "t" * 40 + "/"}, "MSG91_WEBHOOK_TOKEN must be letters"),
            ({"MSG91_WEBHOOK_TOKEN": "t" * 40 + ",a b"}, "MSG91_WEBHOOK_TOKEN must be letters"),
            ({"SENDGRID_WEBHOOK_PUBLIC_KEY": "AAAA"}, "SENDGRID_WEBHOOK_PUBLIC_KEY must be"),
        ],
    )
    def test_bad_values_get_a_sentence(self, changes, sentence):
        done = self.check(**changes)

        assert done.returncode == 1
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
