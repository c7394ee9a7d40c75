"""`integrations` as a wheel in a project that has nothing else of this repository."""

from __future__ import annotations

import json
import subprocess
import zipfile

import pytest
import requests

from sandbox.tests.calls import messages
from solarium.tests.report_world import TOKEN, sign

from .bare import PAGE, README, ROOT, script

pytestmark = pytest.mark.slow

ROWS = """
import json
from integrations.models import GatewayCall
print(json.dumps({
    "url": link.url,
    "rows": [
        [row.operation, row.recipient_masked, row.outcome, row.finished_at is not None]
        for row in GatewayCall.objects.order_by("started_at")
    ],
}))
"""
EVERY_MODULE = """
import importlib, json, pkgutil, sys
for name in ("pytest", "responses", "rest_framework", "knox", "structlog", "psycopg", "redis"):
    sys.modules[name] = None
import integrations
names = [
    found.name
    for found in pkgutil.walk_packages(integrations.__path__, "integrations.")
    if found.name != "integrations.testing"
]
for name in names:
    importlib.import_module(name)
print(json.dumps({"file": integrations.__file__, "names": names, "path": sys.path}))
"""


class TestBuilding:
    def test_its_name(self, wheel):
        assert wheel.name.startswith("solarium_integrations-")
        assert wheel.name.endswith("-py3-none-any.whl")

    def test_it_holds_the_app_and_no_tests(self, wheel):
        names = zipfile.ZipFile(wheel).namelist()
        tracked = subprocess.check_output(["git", "ls-files", "integrations"], cwd=ROOT, text=True)

        ours = {name for name in names if name.startswith("integrations/")}
        wanted = {
            name
            for name in tracked.splitlines()
            if "/tests/" not in name and name != "integrations/pyproject.toml"
        }
        assert ours == wanted
        assert {"integrations/py.typed", "integrations/migrations/0001_initial.py"} <= ours
        assert all(name.startswith("solarium_integrations-") for name in set(names) - ours)

    def test_nothing_is_left_in_the_tree(self, wheel):
        left = [*ROOT.glob("integrations/*.egg-info"), *ROOT.glob("**/integrations/build")]

        assert not left
        assert not (ROOT / "build").exists()


class TestInABareProject:
    def test_nothing_of_this_checkout_is_there(self, bare):
        found = bare.facts(EVERY_MODULE)

        assert found["file"].startswith(str(bare.venv))
        assert not [each for each in found["path"] if each.startswith(str(ROOT))]
        assert len(found["names"]) > 50

    @pytest.mark.parametrize("name", ["rest_framework", "knox", "structlog", "solarium", "api"])
    def test_what_this_project_has_cannot_be_imported(self, bare, name):
        assert bare.run("python", "-c", f"import {name}").returncode == 1

    def test_boot_is_content(self, bare):
        done = bare.run("python", "manage.py", "check", "--deploy", "--fail-level", "ERROR")

        assert done.returncode == 0, done.stderr
        assert "security.W004" in done.stderr  # it did look
        assert "integrations." not in done.stderr

    def test_no_migration_is_missing(self, bare):
        bare.succeed("python", "manage.py", "makemigrations", "--check", "--dry-run")

    @pytest.mark.parametrize("name", ["INTEGRATIONS", "FINGERPRINT_KEY"])
    def test_what_is_missing_is_named(self, bare, name):
        (bare.folder / "mysite" / "less.py").write_text(
            f"from mysite.settings import *\ndel {name}"
        )

        done = bare.run("python", "manage.py", "check", DJANGO_SETTINGS_MODULE="mysite.less")

        assert done.returncode == 1
        assert f"(integrations.E012) {name} is not set" in done.stderr


class TestReadme:
    def test_its_page_is_run(self, bare, sandbox_url):
        stand_ins = {"DJANGO_SETTINGS_MODULE": "mysite.stand_ins", "SANDBOX_URL": sandbox_url}

        found = bare.facts(script(README) + ROWS, **stand_ins)

        assert found["rows"] == [
            ["send_otp", "+91******3210", "accepted", True],
            ["send_email", "a***@solarium.example", "accepted", True],
            ["send_email", "a***@solarium.example", "accepted", True],
            ["send_otp", "+91******3211", "accepted", True],
        ]
        [sms] = messages(sandbox_url, to="+919876543210")
        assert "482913" in sms["text"]
        mails = messages(sandbox_url, to="asha@solarium.example")
        assert {mail["subject"] for mail in mails} == {"Hello", "Your quotation"}
        put = {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/pdf"}
        answer = requests.put(found["url"], data=b"%PDF-", headers=put, timeout=10)
        assert answer.status_code == 201
        again = requests.put(found["url"], data=b"%PDF-", headers=put, timeout=10)
        assert again.status_code in (403, 409)

        self.reports_arrive(bare, stand_ins)

    def reports_arrive(self, bare, stand_ins):
        """What the providers report about the calls above, by the README's views."""
        sms = {"number": "919876543210", "status": "1", "desc": "DELIVERED"}
        mail = {
            "event": "bounce",
            "type": "bounce",
            "email": "asha@solarium.example",
            "sg_event_id": "1",
        }
        body = json.dumps([{**mail, "app_msg_id": "quotation:17"}])
        headers = sign(body.encode())
        path = f"/reports/msg91/{TOKEN}"

        found = bare.facts(
            f"""
import json
from django.test import Client
from integrations import gateways
from integrations.models import GatewayCall
call = GatewayCall.objects.get(reference="login:17")
client = Client(SERVER_NAME="localhost")
told = [{{"requestId": call.provider_message_id, "report": [{sms!r}]}}]
post = lambda path, body, **headers: client.post(
    path, body, content_type="application/json", **headers
).status_code
statuses = [
    post({path!r}, json.dumps(told)),
    post({path!r} + "x", json.dumps(told)),
    post("/reports/sendgrid", {body!r}, **{headers!r}),
    post("/reports/sendgrid", {body!r}),
]
states = [
    GatewayCall.objects.get(reference=each).delivery for each in ("login:17", "quotation:17")
]
print(json.dumps([statuses, states, gateways.is_suppressed("asha@solarium.example")]))
""",
            **stand_ins,
        )

        assert found == [[200, 403, 200, 403], ["delivered", "undelivered"], True]

    def test_its_tests_pass(self, bare):
        assert "2 passed" in bare.succeed("python", "-m", "pytest", "-W", "error", "tests")


class TestAnotherProvider:
    def test_a_third_party_adds_one(self, bare, tmp_path):
        """``docs/adding-a-provider.md``: its files beside the wheel, which stays as it is."""
        project = bare.copy(tmp_path / "project", ACME_KEY="acme-key-of-a-test")
        (project.folder / "tests" / "test_codes.py").unlink()  # they are about MSG91
        project.write(PAGE)

        printed = project.succeed("python", "-m", "pytest", "-W", "error", "tests")

        assert "14 passed" in printed
        project.succeed("python", "manage.py", "check", "--deploy", "--fail-level", "ERROR")

    def test_its_tests_can_fail(self, bare, tmp_path):
        project = bare.copy(tmp_path / "project", ACME_KEY="acme-key-of-a-test")
        project.write(PAGE)
        client = project.folder / "acme_sms" / "client.py"
        client.write_text(client.read_text().replace('"bad_number" else', '"never" else'))

        assert project.run("python", "-m", "pytest", "tests/test_acme_sms.py").returncode == 1
