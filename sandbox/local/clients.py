"""Other people's clients, which must get along with our links: Microsoft's for JavaScript, curl."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.local.progress import StepFailed

SCRIPT = Path(__file__).with_name("azure_client.mjs")
SECONDS = 60.0

# Told on stdin, never as an argument: a link is a secret.
Tell = Callable[[str, Mapping[str, str], str], tuple[list[str], str]]


@dataclass(frozen=True, kw_only=True)
class Client:
    """A program that uploads and downloads by a link; ``put`` and ``get`` say what it is told."""

    name: str
    put: Tell
    get: Tell

    def upload(self, *, url: str, headers: Mapping[str, str], content: bytes) -> None:
        """Upload by a link.

        Raises:
            StepFailed: The client says no; its text, which may hold the link, is not passed on.
        """
        with TemporaryDirectory() as folder:
            file = Path(folder) / "document"
            file.write_bytes(content)
            self._run(self.put(url, headers, str(file)))

    def download(self, *, url: str) -> bytes:
        """Download by a link; raises as `upload`."""
        with TemporaryDirectory() as folder:
            file = Path(folder) / "document"
            self._run(self.get(url, {}, str(file)))
            return file.read_bytes()

    def _run(self, told: tuple[list[str], str]) -> None:
        command, stdin = told
        try:
            done = subprocess.run(
                command, input=stdin, capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            text = f"expected {self.name} to end within {SECONDS:.0f} s, it did not"
            raise StepFailed(text) from None
        if done.returncode:
            raise StepFailed(f"expected {self.name} to end well, it ended with {done.returncode}")


def installed() -> list[Client]:
    """Return the clients of this machine: node is always there, curl nearly always."""
    clients = [Client(name="@azure/storage-blob", put=_node("put"), get=_node("get"))]
    if shutil.which("curl"):
        clients.append(Client(name="curl", put=_curl("upload-file"), get=_curl("output")))
    return clients


def _node(action: str) -> Tell:
    def tell(url: str, headers: Mapping[str, str], file: str) -> tuple[list[str], str]:
        asked = {
            "action": action,
            "sasUrl": url,
            "contentType": headers.get("Content-Type", ""),
            "file": file,
        }
        return ["node", str(SCRIPT)], json.dumps(asked)

    return tell


def _curl(file_option: str) -> Tell:
    def tell(url: str, headers: Mapping[str, str], file: str) -> tuple[list[str], str]:
        lines = [f'url = "{url}"', f'{file_option} = "{file}"', 'noproxy = "*"']
        lines += [f'header = "{name}: {value}"' for name, value in headers.items()]
        return ["curl", "--silent", "--fail", "--config", "-"], "\n".join(lines)

    return tell
