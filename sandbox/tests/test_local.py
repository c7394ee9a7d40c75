from __future__ import annotations

import os
import re
import socket
import time
from pathlib import Path

import pytest

from sandbox.local import children as local_children
from sandbox.local import pdf, progress, setup
from sandbox.local.children import ChildFailed, Children
from sandbox.local.progress import Progress
from sandbox.local.setup import Places, PortTaken, choose_places
from sandbox.tests.ports import free_ports


class TestPorts:
    def test_a_taken_port_is_named_with_its_setting(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(PortTaken, match=f"Port {port} is in use; .* SANDBOX_PORT"):
                choose_places({**free_ports(), "SANDBOX_PORT": str(port)})

    @pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "٣"])
    def test_what_is_no_port_is_refused(self, text: str) -> None:
        with pytest.raises(PortTaken, match="PORT must be a port number"):
            choose_places({**free_ports(), "PORT": text})

    def test_one_port_for_two_servers_is_refused(self) -> None:
        ports = free_ports()
        with pytest.raises(PortTaken, match="given twice"):
            choose_places({**ports, "AZURITE_PORT": ports["PORT"]})

    def test_free_ports_are_taken(self) -> None:
        ports = free_ports()
        assert choose_places(ports).backend == int(ports["PORT"])


def test_the_backend_talks_to_the_sandbox_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MSG91_BASE_URL", "https://control.msg91.com")
    monkeypatch.setenv("SENDGRID_API_KEY_FILE", "/run/secrets/sendgrid")
    monkeypatch.setenv("OTP_SENDS_PER_PHONE_10MIN", "1")
    env = setup.backend_environment(Places(backend=1, sandbox=2, azurite=3))
    assert env["MSG91_BASE_URL"] == env["SENDGRID_BASE_URL"] == "http://127.0.0.1:2"
    assert env["SENDGRID_API_KEY_FILE"] == ""
    assert env["OTP_SENDS_PER_PHONE_10MIN"] == "3"
    assert env["CORS_ALLOWED_ORIGINS"] == "http://localhost:2,http://127.0.0.1:2"
    assert "http://127.0.0.1:2/devstoreaccount1;" in env["AZURE_STORAGE_CONNECTION_STRING"]


class TestChildren:
    def test_no_proxy_is_asked_whether_a_server_is_up(
        self, tmp_path: Path, sandbox_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        with Children(cwd=tmp_path, logs=tmp_path) as children:
            child = children.start(name="sleeper", command=["sleep", "60"], env=os.environ)
            children.wait_until_up(child, url=f"{sandbox_url}/faults", seconds=5)

    def test_nothing_is_left_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(local_children, "STOP_SECONDS", 0.5)
        stubborn = "trap '' TERM; sleep 60 & echo $! > grandchild; wait; sleep 60"
        with Children(cwd=tmp_path, logs=tmp_path) as children:
            child = children.start(name="stubborn", command=["sh", "-c", stubborn], env=os.environ)
            while not (pid := _read(tmp_path / "grandchild")):
                children.check()
        assert child.process.poll() is not None
        ends_at = time.monotonic() + 5  # a killed process may take a moment to end
        while _runs(int(pid)) and time.monotonic() < ends_at:
            time.sleep(0.01)
        assert not _runs(int(pid))

    def test_a_server_that_ends_is_told_with_its_log(self, tmp_path: Path) -> None:
        with Children(cwd=tmp_path, logs=tmp_path) as children:
            command = ["sh", "-c", "echo no such thing; exit 3"]
            child = children.start(name="broken", command=command, env=os.environ)
            with pytest.raises(ChildFailed, match=r"broken ended at once:\n    no such thing"):
                children.wait_until_up(child, url="http://127.0.0.1:9/", seconds=5)

    def test_a_program_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        with (
            Children(cwd=tmp_path, logs=tmp_path) as children,
            pytest.raises(ChildFailed, match="gone cannot be started: No such file"),
        ):
            children.start(name="gone", command=["./not-there"], env=os.environ)


class TestProgress:
    def test_a_step_is_one_line_with_its_time(self) -> None:
        lines: list[str] = []
        with Progress(write=lines.append).step("code requested"):
            pass
        (line,) = lines
        assert re.fullmatch(r"  ok    \d\.\d\d s  code requested", line)

    def test_a_failed_step_says_so(self) -> None:
        lines: list[str] = []
        with pytest.raises(KeyError), Progress(write=lines.append).step("code requested"):
            raise KeyError
        assert lines[0].startswith("FAIL")

    def test_a_long_step_says_that_it_lives(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(progress, "STILL_SECONDS", 0.01)
        lines: list[str] = []
        with Progress(write=lines.append).step("backend"):
            while not lines:
                pass
        assert lines[0].startswith("   …")


def test_the_pdf_points_at_its_own_objects() -> None:
    content = pdf.one_page("Hello")
    start = int(content.rsplit(b"startxref\n", 1)[1].split()[0])
    assert content[start:].startswith(b"xref\n0 6\n")
    for number, line in enumerate(content[start:].splitlines()[3:8], start=1):
        assert content[int(line[:10]) :].startswith(b"%d 0 obj" % number)


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def _runs(pid: int) -> bool:
    """Whether a process lives; one that ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
