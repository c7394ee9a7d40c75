"""``manage.py setup_storage`` against the storage emulator, and what `check_providers` says."""

from __future__ import annotations

import copy
import io
import json
import subprocess
import uuid

import pytest
import requests
from azure.storage.blob import BlobServiceClient, CorsRule, PublicAccess, RetentionPolicy
from django.core.checks import run_checks
from django.core.management import CommandError, call_command

from integrations import conf, storage, transport
from integrations.models import GatewayCall
from integrations.testing import AZURITE_KEY

pytestmark = pytest.mark.django_db
ORIGIN = "https://portal.solarium.example"


@pytest.fixture
def container(settings, azurite):
    """A container of this test's own, that is not there yet."""
    name = f"test-{uuid.uuid4()}"
    channels = copy.deepcopy(settings.INTEGRATIONS)
    channels["blob"]["OPTIONS"]["container"] = name
    settings.INTEGRATIONS = channels
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN, "https://other.solarium.example"]
    settings.AZURE_SOFT_DELETE_DAYS = 14
    return name


@pytest.fixture
def account(azurite):
    with BlobServiceClient(azurite, credential=AZURITE_KEY) as service:
        service.set_service_properties(
            cors=[CorsRule(["https://stranger.example"], ["DELETE"])],
            delete_retention_policy=RetentionPolicy(enabled=False),
        )
        yield service


def setup(**options):
    out = io.StringIO()
    call_command("setup_storage", json=True, stdout=out, stderr=io.StringIO(), **options)
    return json.loads(out.getvalue())


def risks():
    with transport.attempt():
        return storage.risks(conf.client("blob"), key=AZURITE_KEY)


def changed(report):
    return [each["setting"] for each in report["changes"]]


def preflight(azurite, container, *, origin, method):
    return requests.options(
        f"{azurite}/{container}/any.pdf",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "x-ms-blob-type,content-type",
        },
        timeout=10,
    )


def test_everything_is_set_and_repeating_changes_nothing(container, account, azurite):
    assert changed(setup()) == ["container", "soft_delete", "cors"]

    assert changed(setup()) == []
    assert account.get_container_client(container).get_container_properties().public_access is None
    properties = account.get_service_properties()
    kept = properties["delete_retention_policy"]
    assert (kept.enabled, kept.days) == (True, 14)
    assert len(properties["cors"]) == 1
    for method in ("PUT", "GET", "HEAD"):
        answer = preflight(azurite, container, origin=ORIGIN, method=method)
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert preflight(azurite, container, origin=ORIGIN, method="DELETE").status_code == 403
    stranger = preflight(azurite, container, origin="https://stranger.example", method="PUT")
    assert stranger.status_code == 403
    operations = set(GatewayCall.objects.values_list("operation", "outcome"))
    assert {("make_container", "accepted"), ("set_service", "accepted")} <= operations


def test_dry_run_says_the_same_and_changes_nothing(container, account):
    report = setup(dry_run=True)

    assert (report["dryRun"], changed(report)) == (True, ["container", "soft_delete", "cors"])
    assert not account.get_container_client(container).exists()
    assert not account.get_service_properties()["delete_retention_policy"].enabled


def test_a_public_container_is_closed(container, account, azurite):
    account.create_container(container, public_access=PublicAccess.CONTAINER)
    account.get_blob_client(container, "a.pdf").upload_blob(b"x")
    url = f"{azurite}/{container}/a.pdf"
    assert requests.get(url, timeout=10).ok

    assert setup()["changes"][0] == {
        "setting": "container",
        "found": "public",
        "wanted": "private",
        "risk": f"The container {container} can be read by anybody.",
    }

    assert not requests.get(url, timeout=10).ok
    assert account.get_blob_client(container, "a.pdf").exists()


def test_no_origin_is_no_rule_and_a_word(container, account, settings):
    settings.CORS_ALLOWED_ORIGINS = []

    report = setup()

    assert report["warnings"] == [storage.NO_ORIGINS]
    assert account.get_service_properties()["cors"] == []


def test_prints_shell_commands_for_what_azure_alone_can_set(container, account):
    commands = setup(dry_run=True)["commands"]

    text = "\n".join(commands)
    for option in (
        "--enable-versioning true",
        "--min-tls-version TLS1_2",
        "--https-only true",
        "--allow-blob-public-access false",
        "--container-delete-retention-days 14",
        "management-policy create",
        '"daysAfterCreationGreaterThan": 14',
    ):
        assert option in text
    assert AZURITE_KEY not in text
    for command in commands:
        said = subprocess.run(
            ["bash", "-c", f"az() {{ printf '%s\\n' \"$@\"; }}; {command}"],
            env={"RESOURCE_GROUP": "our group"}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        given = said.stdout.splitlines()
        assert "devstoreaccount1" in given
        assert "our group" in given
        if "--policy" in given:
            assert json.loads(given[given.index("--policy") + 1])["rules"]


def test_what_differs_is_a_warning_each(container, account):
    before = risks()
    setup()

    assert before == [
        f"The container {container} is not there.",
        "Soft delete of blobs is off: a deleted document is lost.",
        "The storage's CORS rules are not those of CORS_ALLOWED_ORIGINS.",
    ]
    assert risks() == []


def test_other_days_are_a_warning(container, account, settings):
    setup()
    settings.AZURE_SOFT_DELETE_DAYS = 30

    assert risks() == ["Soft delete keeps blobs for 14 days, not 30."]


@pytest.mark.parametrize("answer", [{"status": 503}, {"status": 403}])
def test_a_storage_that_refuses_is_a_sentence(wire, answer):
    wire.mock.get("http://127.0.0.1:10000/devstoreaccount1/docs?restype=container", **answer)

    with pytest.raises(CommandError, match="The storage does not do it"):
        setup()


@pytest.mark.parametrize(("days", "found"), [(0, 1), (1, 0), (365, 0), (366, 1)])
def test_days_that_azure_does_not_take(settings, days, found):
    settings.AZURE_SOFT_DELETE_DAYS = days

    assert [each.id for each in run_checks()].count("integrations.E030") == found
