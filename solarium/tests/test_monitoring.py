"""Azure Monitor: nothing of it without the setting, nothing secret with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from solarium import monitoring
from solarium.checks import check_addresses

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PLANTED = ("9876543210", "planted-uid", "planted-token", "654321", "planted-path", "asha@", "98123")


def run(script: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "solarium.settings", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_of_it_is_imported_without_the_setting():
    found = run(
        """
import json, sys
import solarium.wsgi
print(json.dumps([name for name in sys.modules
                  if name.startswith(("opentelemetry", "azure.monitor"))]))
""",
        APPLICATIONINSIGHTS_CONNECTION_STRING="",
    )

    assert json.loads(found) == []


def test_a_missing_package_is_an_error_with_a_sentence(settings, monkeypatch):
    settings.APPLICATIONINSIGHTS_CONNECTION_STRING = "InstrumentationKey=1"
    assert monitoring.check_packages() == []

    monkeypatch.setattr(monitoring, "PACKAGE", "no_such_package")

    (error,) = monitoring.check_packages()
    assert error.id == "solarium.E021"
    assert "not installed" in error.msg
    assert "requirements-azure-monitor.txt" in error.hint


def test_without_the_setting_the_package_may_be_missing(settings, monkeypatch):
    settings.APPLICATIONINSIGHTS_CONNECTION_STRING = ""
    monkeypatch.setattr(monitoring, "PACKAGE", "no_such_package")

    assert monitoring.check_packages() == []


def test_who_gets_alerts_is_checked(settings):
    settings.ADMINS = [("ops@solarium.example", "ops@solarium.example")]
    assert not [found for found in check_addresses() if found.id == "solarium.E020"]

    settings.ADMINS = [("ops", "ops")]

    assert [found for found in check_addresses() if found.id == "solarium.E020"]


# A process that serves one request, calls one host and logs, all with something to hide in it; then
# prints what Azure would have got.
SENDS = """
import gzip, json, logging, os, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

got = []

class Azure(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if self.path.endswith("/track"):
            got.extend(json.loads(body))
        answer = b'{"itemsReceived": 1, "itemsAccepted": 1, "errors": []}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Azure)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["APPLICATIONINSIGHTS_CONNECTION_STRING"] = (
    "InstrumentationKey=00000000-0000-0000-0000-000000000001;"
    f"IngestionEndpoint=http://127.0.0.1:{server.server_address[1]}"
)
os.environ["ALERT_WEBHOOK_URL"] = f"http://127.0.0.1:{server.server_address[1]}/planted-path"

import solarium.wsgi
from django.test import Client
from integrations import alert_sinks, gateways
from solarium import telemetry

client = Client(headers={"host": "localhost"})
client.get("/auth/password/reset/planted-uid/planted-token?otp=654321")
strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
strict.post("/auth/password/reset/planted-uid/planted-token?q=98123+45678")
gateways.bind_correlation_id("11111111-1111-4111-8111-111111111111")
try:
    raise ValueError("+919876543210 asked for otp: 654321")
except ValueError:
    logging.getLogger("mine").exception("mail for %s", "asha@solarium.example")
logging.getLogger("mine").error("extra", extra={"phone": "+919876543210", "to": ["asha@x.example"]})
alert_sinks.tell(provider="msg91", kind="failures", state="raised", text="msg91 is failing")
alert_sinks.flush(seconds=10)
telemetry._flush()
print(json.dumps(got))
"""


def test_what_is_sent_is_scrubbed_and_tied_to_the_request():
    every = {"OTEL_TRACES_SAMPLER": "microsoft.fixed_percentage", "OTEL_TRACES_SAMPLER_ARG": "1.0"}
    sent = json.loads(run(SENDS, **every).splitlines()[-1])

    kinds = {item["data"]["baseType"] for item in sent}
    assert {"RequestData", "RemoteDependencyData", "MessageData", "ExceptionData"} <= kinds
    whole = json.dumps(sent)
    assert "11111111-1111-4111-8111-111111111111" in whole
    assert "provider alert" in whole
    assert "CSRF cookie not set" in whole
    for planted in PLANTED:
        assert planted not in whole
