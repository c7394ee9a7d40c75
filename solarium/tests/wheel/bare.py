"""A new Django project in an environment that holds the wheel of `integrations` and no more."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
README = ROOT / "integrations" / "README.md"
PAGE = ROOT / "docs" / "adding-a-provider.md"
_BLOCK = re.compile(r"^```(?:python|ini)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"# ([\w/]+\.(?:py|ini))\n")
_OURS = re.compile(r"(DJANGO|PYTHON|DATABASE|CACHE|COVERAGE|PYTEST)")


def named_blocks(page: Path) -> list[tuple[str, str]]:
    """Return path and text of the blocks that begin with the name of a file."""
    blocks = _BLOCK.findall(page.read_text())
    return [(match[1], text) for text in blocks if (match := _NAMED.match(text))]


def script(page: Path) -> str:
    """Return the Python blocks without a name, one after the other."""
    return "\n".join(text for text in _BLOCK.findall(page.read_text()) if not _NAMED.match(text))


@dataclass(frozen=True, kw_only=True)
class Bare:
    """The project; what runs in it sees nothing of this checkout."""

    venv: Path
    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment in the project; what it prints is kept."""
        clean = {name: value for name, value in os.environ.items() if not _OURS.match(name)}
        return subprocess.run(
            [str(self.venv / "bin" / command[0]), *command[1:]],
            cwd=self.folder,
            env={**clean, **self.env, **env},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def succeed(self, *command: str, **env: str) -> str:
        """Run a program that must end with 0; return what it printed."""
        done = self.run(*command, **env)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def facts(self, text: str, **env: str) -> Any:
        """Run a script with Django set up; return the JSON that its last line prints."""
        (self.folder / "walk.py").write_text(f"import django\ndjango.setup()\n{text}")
        return json.loads(self.succeed("python", "walk.py", **env).splitlines()[-1])

    def write(self, page: Path) -> None:
        """Write the named blocks of a page; what the project has already goes on with them."""
        for name, text in named_blocks(page):
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            before = path.read_text() if path.exists() else ""
            path.write_text(before + text)

    def copy(self, folder: Path, **env: str) -> Bare:
        """Return another project with the same files."""
        shutil.copytree(self.folder, folder)
        return Bare(venv=self.venv, folder=folder, env={**self.env, **env})


def build(folder: Path) -> Path:
    """Build the wheel as anybody would; fails where pip does."""
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "./integrations"]
    done = subprocess.run(
        [*command, "--wheel-dir", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [wheel] = folder.iterdir()
    return wheel


def make(wheel: Path, folder: Path, **env: str) -> Bare:
    """Install the wheel with what its tests need, and start a project as its README says."""
    venv, project = folder / "venv", folder / "project"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, timeout=120)
    project.mkdir()
    bare = Bare(venv=venv, folder=project, env=env)
    bare.succeed("pip", "install", f"{wheel}[testing]")
    bare.succeed("django-admin", "startproject", "mysite", ".")
    bare.write(README)
    bare.env["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
    return bare
