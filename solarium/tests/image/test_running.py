"""The image at work as it is deployed: nobody special, nothing to write to, no home.

There is no container engine here. `container.py` makes the same files and the same bounds.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox.local import pdf, setup
from sandbox.local.children import Child
from sandbox.local.phones import some_phone
from sandbox.tests.ports import free_port
from solarium import server
from solarium.tests.image import container
from solarium.tests.image.container import Image
from solarium.tests.image.dockerfile import stage
from solarium.tests.servers.nodes import (
    CALL_SECONDS,
    START_SECONDS,
    Cluster,
    cluster_of,
)

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

HOST = "api.solarium.example"
METRICS_TOKEN = "m" * 40
REQUESTS = 20  # enough that each of two workers gets some


@dataclass(frozen=True, kw_only=True)
class Running:
    """The server of the image, and what it was started with."""

    child: Child
    settings: dict[str, str]
    cluster: Cluster

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.settings['PORT']}"

    def ask(self, method: str, path: str, *, token: str = "", **body: Any) -> requests.Response:
        """Ask by its name, as the proxy does."""
        headers = {"Host": HOST, "X-Forwarded-For": "203.0.113.7"}
        if token:
            headers["Authorization"] = token
        url = self.address + path
        return requests.request(
            method, url, json=body or None, headers=headers, timeout=CALL_SECONDS
        )


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    # Not pytest's own folder: only its owner may enter that.
    with tempfile.TemporaryDirectory(prefix="image-") as folder:
        yield container.build(Path(folder), sockets=sockets())
        subprocess.run(["chmod", "-R", "u+w", folder], check=True)


def sockets() -> str:
    """Return the folder of PostgreSQL's socket, which the image's user has to get through to."""
    query = parse_qs(urlsplit(os.environ.get("DATABASE_URL", "")).query)
    (folder,) = query.get("host", [""])
    if folder:
        Path(folder).chmod(0o711)
    return folder


@pytest.fixture(scope="module")
def running(
    image: Image, azurite_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The image as a server, over tables that the image as a job has made."""
    with cluster_of(logs=tmp_path_factory.mktemp("image")) as cluster:
        settings = image.environment(
            cluster.environment(
                DJANGO_ALLOWED_HOSTS=HOST,
                METRICS_TOKEN=METRICS_TOKEN,
                AZURE_STORAGE_ACCOUNT_URL="",
                AZURE_STORAGE_CONNECTION_STRING=setup.connection_string(azurite_url),
                AZURE_SAS_PROTOCOL="https,http",
            )
        )
        settings |= {"PORT": str(free_port())}  # its own is for a machine of its own
        assert not {"HOME", "TMPDIR", "VIRTUAL_ENV"} & settings.keys()
        manage(image, settings, "migrate", "--no-input")
        words = stage("production").last("CMD").listed()
        child = cluster.children.start(name="image", command=image.command(*words), env=settings)
        cluster.children.wait_until_up(
            child, url=f"http://127.0.0.1:{settings['PORT']}/healthz", seconds=START_SECONDS
        )
        yield Running(child=child, settings=settings, cluster=cluster)


def manage(image: Image, settings: dict[str, str], *arguments: str) -> str:
    return run(image, settings, ".venv/bin/python", "manage.py", *arguments).stdout


def run(image: Image, settings: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the image to its end."""
    done = subprocess.run(
        image.command(*words), env=settings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_probes_are_answered_by_address(running: Running) -> None:
    """A load balancer and a health check do not know the name."""
    for path in ("/healthz", "/readyz"):
        assert requests.get(running.address + path, timeout=CALL_SECONDS).status_code == 200, path
    assert requests.get(running.address + "/auth/me", timeout=CALL_SECONDS).status_code == 400


def test_the_health_check_of_the_image_sees_it(image: Image, running: Running) -> None:
    run(image, running.settings, *stage("production").last("HEALTHCHECK").listed())


def test_a_person_logs_in_and_files_a_document(running: Running) -> None:
    """The file is opened by a process of its own, which may write nowhere either."""
    phone = some_phone()
    sent = running.ask("POST", "/integrations/sendOTP", phone=phone, app="CUSTAP")
    assert sent.status_code == 200, sent.text
    typed = {"challengeId": sent.json()["challengeId"], "otp": running.cluster.msg91.code(phone)}
    token = "Token " + running.ask("POST", "/integrations/verifyOTP", **typed).json()["token"]
    content = pdf.one_page("Image")
    link = running.ask("GET", f"/documents/sas?docType=KYC&size={len(content)}", token=token).json()
    put = requests.put(link["sasUrl"], data=content, headers=link["headers"], timeout=CALL_SECONDS)

    confirmed = running.ask("POST", f"/documents/{link['documentId']}/confirm", token=token)

    assert put.status_code == 201
    assert confirmed.json()["document"]["state"] == "available"


def test_the_admin_has_its_looks(running: Running) -> None:
    page = running.ask("GET", "/admin/login/")
    files = set(re.findall(r'"(/static/[^"]+\.(?:css|js|svg))"', page.text))

    assert page.status_code == 200
    assert len(files) > 3
    assert {path: running.ask("GET", path).status_code for path in files} == dict.fromkeys(
        files, 200
    )


def test_metrics_are_those_of_all_workers(running: Running) -> None:
    """Each worker is asked by chance; the page says the same whoever makes it."""
    asked = 'solarium_requests_total{method="GET",route="auth/sessions",status="401"}'
    for _ in range(REQUESTS):
        assert running.ask("GET", "/auth/sessions").status_code == 401

    pages = [running.ask("GET", "/metrics", token=f"Bearer {METRICS_TOKEN}").text for _ in range(6)]

    counted = [re.search(re.escape(asked) + r" (\S+)", page) for page in pages]
    assert {found and float(found[1]) for found in counted} == {REQUESTS}


def test_jobs_run_in_the_same_image(image: Image, running: Running) -> None:
    manage(image, running.settings, "check", "--deploy", "--fail-level", "ERROR")
    for job in ("purge_records", "sweep_documents"):
        manage(image, running.settings, job)
    manage(image, running.settings, "setup_storage")


def test_it_writes_counts_in_memory_and_nothing_else(image: Image, running: Running) -> None:
    before = image.contents()
    running.ask("GET", "/auth/me")

    assert len(before) > 1000
    assert image.contents() == before
    if image.is_read_only:
        inside = Path(f"/proc/{running.child.process.pid}/root")
        ours = [each for each in (inside / "tmp").iterdir() if each.name not in image.sockets]
        assert ours == []
        (counts,) = (inside / "dev/shm").iterdir()
        assert {file.suffix for file in counts.iterdir()} == {".db"}
        assert os.statvfs(inside).f_flag & os.ST_RDONLY


def test_sigterm_ends_it_in_time(image: Image, running: Running) -> None:
    settings = {**running.settings, "PORT": str(free_port())}
    children = running.cluster.children
    child = children.start(name="stopped", command=image.command("bin/serve"), env=settings)
    url = f"http://127.0.0.1:{settings['PORT']}/healthz"
    children.wait_until_up(child, url=url, seconds=START_SECONDS)

    child.process.send_signal(getattr(signal, stage("production").last("STOPSIGNAL").rest))

    assert child.process.wait(timeout=server.STOP_SECONDS) == 0
    children.running.remove(child)
