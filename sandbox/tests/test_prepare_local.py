"""What `run_local` prepares: accounts, a storage that browsers reach, the console's file."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.management import call_command
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from sandbox.local import accounts, console_file
from sandbox.local.setup import Places

PLACES = Places(backend=1, sandbox=2, azurite=3)
ORIGIN = "http://localhost:8025"
ROLES = {
    accounts.WALK: "KAM",
    "kam@solarium.example": "KAM",
    "admin@solarium.example": "ADMIN",
    "+919876500001": "CUSTOMER",
    "+919876500002": "CHANNEL_PARTNER",
}


def log_in(api_client: Any, account: dict[str, str], **more: str) -> Any:
    body = {"email": account["email"], "password": account["password"], **more}
    return api_client.post("/auth/login", body)


@pytest.mark.django_db
def test_each_role_has_an_account() -> None:
    accounts.make()

    found = {user.email or user.phone: user.role for user in User.objects.all()}
    assert found == ROLES


@pytest.mark.django_db
def test_staff_logs_in_the_admin_with_its_second_factor(api_client: Any) -> None:
    made = accounts.make()

    assert log_in(api_client, made["kam"]).status_code == 200
    assert log_in(api_client, made["walk"]).status_code == 200
    assert log_in(api_client, made["admin"]).status_code == 401
    assert made["admin"]["totpUri"].startswith("otpauth://totp/")
    device = TOTPDevice.objects.get(user__email="admin@solarium.example")
    device.throttle_reset()
    code = f"{totp(device.bin_key, t0=0):06}"
    assert log_in(api_client, made["admin"], totp=code).status_code == 200


@pytest.mark.django_db
def test_the_next_run_has_other_passwords_for_the_same_accounts(api_client: Any) -> None:
    first, second = accounts.make(), accounts.make()

    assert User.objects.count() == len(ROLES)
    assert log_in(api_client, first["kam"]).status_code == 401
    assert log_in(api_client, second["kam"]).status_code == 200


@pytest.mark.slow
@pytest.mark.django_db
def test_a_browser_of_the_console_may_upload(azurite: str, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
    printed = io.StringIO()

    call_command("prepare_local", stdout=printed)

    assert json.loads(printed.getvalue()).keys() == {"walk", *console_file.ROLES}
    preflight = requests.options(
        f"{azurite}/docs/a.pdf",
        headers={
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "x-ms-blob-type,content-type",
        },
        timeout=10,
    )
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Origin"]) == (
        200,
        ORIGIN,
    )


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "console.json"
    monkeypatch.setattr(console_file, "PATH", path)
    return path


def test_the_consoles_file_is_its_owners_and_tells_all_but_the_walks(file: Path) -> None:
    made = {role: {"name": role} for role in ("walk", *console_file.ROLES)}

    console_file.write(places=PLACES, accounts=made)

    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text()) == {
        "backendUrl": "http://localhost:1",
        "storageUrl": "http://127.0.0.1:3",
        "accounts": {role: {"name": role} for role in console_file.ROLES},
    }
    assert [path.name for path in file.parent.iterdir()] == ["console.json"]


def test_no_password_outlives_a_run(file: Path) -> None:
    file.write_text("of a run that was killed")

    with console_file.removed_around():
        assert not file.exists()
        file.write_text("of this run")

    assert not file.exists()
