"""`compose.yaml`: its bounds, where secrets stand, and that a backend starts with its settings."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys

import pytest
import yaml
from cryptography.fernet import Fernet
from django.core.management import get_commands, load_command_class

from sandbox import msg91, sendgrid, sendgrid_events
from sandbox.local import setup
from solarium import server
from solarium.tests.image.dockerfile import ROOT
from solarium.tests.test_docs import (
    ENVIRONMENT_NAME,
    found_in_code,
    names_of_the_server,
)

STAND = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = STAND["services"]
PROXY = (ROOT / "deploy" / "nginx.conf").read_text()
BACKENDS = ("backend-1", "backend-2")
OURS = (*BACKENDS, "prepare", "sandbox")
SECRET_NAME = r'\be\.secret(?:s|_url)?\(\s*"([A-Z][A-Z0-9_]+)"'
# Everybody knows them, and they open the stand-ins alone.
OPEN = {msg91.AUTH_KEY, msg91.REPORT_TOKEN, sendgrid.API_KEY}
WRITES = {"clamav"}  # its image begins as root and writes where it likes


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    """What bin/secrets makes, made elsewhere."""
    root = tmp_path_factory.mktemp("stand")
    (root / "bin").mkdir()
    script = shutil.copy(ROOT / "bin" / "secrets", root / "bin")
    subprocess.run([script], check=True)
    files = {file.name: file.read_text() for file in (root / "var/secrets").iterdir()}
    subprocess.run([script], check=True)
    assert files == {file.name: file.read_text() for file in (root / "var/secrets").iterdir()}
    return root / "var/secrets"


@pytest.mark.parametrize("name", SERVICES)
class TestEveryService:
    def test_image_is_pinned_or_made_here(self, name):
        image = SERVICES[name]["image"]
        made = {each["image"] for each in SERVICES.values() if "build" in each}

        assert image in made or re.fullmatch(r"[a-z0-9./-]+:\d+[a-z0-9.-]+", image), image

    def test_has_no_more_rights_than_it_needs(self, name):
        service = SERVICES[name]

        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service.get("read_only", False) is (name not in WRITES)
        assert not {"privileged", "pid", "ipc", "devices"} & service.keys()
        assert "host" not in service.get("network_mode", "")

    def test_is_reached_from_this_machine_alone(self, name):
        assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))

    def test_waits_for_services_that_there_are(self, name):
        for other, how in SERVICES[name].get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other] or other == "sandbox"
            else:
                assert SERVICES[other]["restart"] == "no"

    def test_writes_to_memory_and_named_volumes(self, name):
        for volume in SERVICES[name].get("volumes", []):
            source, *_, end = volume.split(":")
            assert source in STAND["volumes"] or (end == "ro" and (ROOT / source).is_file())


@pytest.mark.parametrize("name", OURS)
class TestEnvironment:
    def test_names_are_settings(self, name):
        settings = found_in_code(ENVIRONMENT_NAME) | names_of_the_server()
        files = {f"{each}_FILE" for each in found_in_code(SECRET_NAME)}

        assert SERVICES[name]["environment"].keys() <= settings | files

    def test_no_secret_stands_in_it(self, name):
        secret = found_in_code(SECRET_NAME) - {"CACHE_URL"}
        plain = {
            key: value for key, value in SERVICES[name]["environment"].items() if key in secret
        }
        storage = plain.pop("AZURE_STORAGE_CONNECTION_STRING", setup.AZURITE_KEY)

        assert setup.AZURITE_KEY in storage
        assert set(plain.values()) <= OPEN

    def test_files_of_secrets_are_mounted(self, name):
        service = SERVICES[name]
        named = {key: each for key, each in service["environment"].items() if key.endswith("_FILE")}

        assert {f"/run/secrets/{each}" for each in service.get("secrets", [])} == {*named.values()}
        assert all(path == f"/run/secrets/{key[:-5].lower()}" for key, path in named.items())


def test_two_backends_are_production_and_stand_behind_the_proxy():
    upstreams = re.findall(r"server 127\.0\.0\.1:(\d+);", PROXY)

    assert [SERVICES[name]["environment"]["PORT"] for name in BACKENDS] == upstreams
    for name in BACKENDS:
        assert SERVICES[name]["build"]["target"] == "production"
        assert "DJANGO_DEBUG" not in SERVICES[name]["environment"]
        assert int(SERVICES[name]["stop_grace_period"].rstrip("s")) >= server.STOP_SECONDS + 5
    assert SERVICES["sandbox"]["build"]["target"] == "sandbox"


def test_the_proxy_lets_through_what_a_backend_takes(settings):
    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", PROXY)

    assert int(megabytes) * 1024 * 1024 >= settings.MAX_UPLOAD_BYTES


def test_what_says_127_0_0_1_shares_one_network():
    assert {SERVICES[name]["network_mode"] for name in OURS} == {"service:proxy"}
    for name in ("data", "storage"):
        assert STAND["networks"][name] == {"internal": True}
    assert "networks" not in SERVICES["sandbox"]


def test_commands_of_the_stand_exist_with_their_options():
    command = SERVICES["sandbox"]["command"]
    options = {word.partition("=")[0] for word in command if word.startswith("--")}

    assert command[:3] == [".venv/bin/python", "manage.py", "run_sandbox"]
    assert len(options) == 4
    assert options <= set(options_of("run_sandbox"))
    assert "manage.py prepare_local" in SERVICES["prepare"]["command"][-1]
    assert options_of("prepare_local")


def test_the_backends_know_the_stand_ins():
    environment = SERVICES["backend-1"]["environment"]

    assert environment["MSG91_AUTH_KEY"] == msg91.AUTH_KEY
    assert environment["MSG91_OTP_TEMPLATE_ID"] == msg91.TEMPLATE_ID
    assert environment["MSG91_OTP_TEMPLATE_ID_CPAPP"] == msg91.CPAPP_TEMPLATE_ID
    assert environment["MSG91_WEBHOOK_TOKEN"] == msg91.REPORT_TOKEN
    assert environment["SENDGRID_API_KEY"] == sendgrid.API_KEY
    assert environment["SENDGRID_WEBHOOK_PUBLIC_KEY"] == sendgrid_events.PUBLIC_KEY


def options_of(name):
    return (
        load_command_class(get_commands()[name], name)
        .create_parser("manage.py", name)
        ._option_string_actions
    )


class TestSecrets:
    def test_are_those_that_are_mounted(self, secrets):
        files = {f"var/secrets/{file.name}" for file in secrets.iterdir()}

        assert {each["file"] for each in STAND["secrets"].values()} == files
        assert len(files) == len({file.read_text() for file in secrets.iterdir()}) == 7

    def test_are_for_the_containers_and_nobody_else_here(self, secrets):
        assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
        for file in secrets.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o444

    def test_are_good_keys(self, secrets):
        assert Fernet((secrets / "key_encryption_keys").read_text().strip())
        password = (secrets / "postgres_password").read_text()
        assert password in (secrets / "database_url").read_text()


def test_a_backend_starts_with_these_settings(secrets, tmp_path):
    """Production's own checks, by the settings of the file: http to another name is refused."""
    database = tmp_path / "database_url"
    database.write_text(f"sqlite:///{tmp_path / 'stand.sqlite3'}")
    settings = {
        name: str(value).replace("/run/secrets/database_url", str(database))
        .replace("/run/secrets", str(secrets)).replace("${CLAMAV_SOCKET:-}", "")
        for name, value in SERVICES["backend-1"]["environment"].items()
    }  # fmt: skip
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "ERROR"]
    env = {"PATH": os.environ["PATH"], **settings}

    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    env["SENDGRID_BASE_URL"] = "http://sandbox:8025"
    other = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "integrations.E004" in other.stderr
