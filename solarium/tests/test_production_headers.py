"""What production says with each answer, by its own settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from solarium.tests import test_security

ASK = """
import json
import django
django.setup()
from django.test import Client
answer = Client().get("/admin/login/", secure=True, headers={"host": "api.solarium.example"})
cookies = {name: each.OutputString() for name, each in answer.cookies.items()}
print(json.dumps([dict(answer.headers), cookies]))
"""
pytestmark = pytest.mark.slow


def test_https_for_a_year_and_cookies_for_this_host_alone():
    """S63."""
    env = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "solarium.settings"}
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**test_security.TestBoot.GOOD, **env},
        capture_output=True,
        check=True,
    )
    headers, cookies = json.loads(done.stdout)

    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert list(cookies) == ["__Host-csrftoken"]
    for attribute in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/"):
        assert attribute in cookies["__Host-csrftoken"].split("; ")
    assert "Domain" not in cookies["__Host-csrftoken"]
