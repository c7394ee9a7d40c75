from __future__ import annotations

import pytest
from django.test import RequestFactory
from django.views.debug import ExceptionReporter


@pytest.mark.parametrize(
    "name", ["otp", "code", "phone", "sas_url", "sig", "pepper", "authkey", "DATABASE_URL"]
)
def test_a_report_hides_what_its_default_would_show(settings, name):
    """S55: where an exception is reported at all, settings and headers tell no secret."""
    setattr(settings, f"PLANTED_{name.upper()}", "planted-setting")
    request = RequestFactory().get("/", **{f"HTTP_X_{name.upper()}": "planted-header"})

    text = ExceptionReporter(request, ValueError, ValueError("x"), None).get_traceback_text()

    assert "PLANTED_" in text
    assert "planted-" not in text
