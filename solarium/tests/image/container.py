"""Runs the image without a container engine: its files, its user, a root file system of no use.

Where the kernel lets us, the whole file system is read-only but for two empty ones in memory,
`/tmp` and `/dev/shm`, as under `docker run --read-only --tmpfs /tmp`. Where it does not, our files
alone are: they belong to root, or nobody may write them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from solarium import parts
from solarium.tests.image import dockerfile
from solarium.tests.image.dockerfile import ROOT, copied_files

APP = "/srv/app"  # inside; what runs finds its place by itself
NAMESPACE = ["unshare", "--mount", "--propagation", "private"]
MOUNTS = r"""
root=$1 app=$2 python=$3 user=$4 sockets=$5; shift 5
mount --bind / "$root"
mount -t tmpfs -o mode=755 files "$root/srv"
mkdir "$root/srv/app"
mount --bind "$app" "$root/srv/app"
top=$root/$(echo "$python" | cut -d/ -f2)
if [ "$top" != "$root/usr" ]; then  # perhaps a home that only its owner may enter
  mount -t tmpfs -o mode=755 files "$top"
  mkdir -p "$root$python"
  mount --bind "$python" "$root$python"
  mount -o remount,bind,ro "$root$python"
  mount -o remount,ro "$top"
fi
mount -o remount,bind,ro "$root/srv/app"
mount -o remount,ro "$root/srv"
mount -o remount,bind,ro "$root"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 files "$root/dev/shm"
mount -t tmpfs -o mode=1777 files "$root/tmp"
if [ -n "$sockets" ]; then
  mkdir -p "$root$sockets"
  mount --bind "$sockets" "$root$sockets"
fi
exec chroot "$root" setpriv --reuid "$user" --regid "$user" --clear-groups --inh-caps=-all \
  --bounding-set=-all --no-new-privs sh -c 'cd /srv/app && exec "$@"' sh "$@"
"""


@dataclass(frozen=True, kw_only=True)
class Image:
    """The files of the stage `production` in a folder of their own."""

    folder: Path
    root: Path  # an empty folder, where the read-only file system is mounted
    sockets: str  # the folder of the database's socket; empty where it listens on a port

    @property
    def is_read_only(self) -> bool:
        """Whether the whole file system is, not our files alone."""
        if os.geteuid():
            return False
        return (
            subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0
        )

    def command(self, *words: str) -> list[str]:
        """Return the command that runs another one in the image, as its user."""
        user = dockerfile.stage("production").last("USER").rest.split(":")[0]
        if self.is_read_only:
            places = [str(self.root), str(self.folder), sys.base_prefix, user, self.sockets]
            return [*NAMESPACE, "sh", "-euc", MOUNTS, "sh", *places, *words]
        inside = ["sh", "-c", 'cd "$0" && exec "$@"', str(self.folder), *words]
        if os.geteuid():
            return inside
        return ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", *inside]

    def environment(self, settings: dict[str, str]) -> dict[str, str]:
        """Return settings with what the image sets; there is no home."""
        return {**settings, **dockerfile.stage("production").environment()}

    def contents(self) -> dict[str, tuple[int, int]]:
        """Return every file with its time of change and size."""
        files = [each for each in self.folder.rglob("*") if each.is_file()]
        return {
            str(each.relative_to(self.folder)): (each.stat().st_mtime_ns, each.stat().st_size)
            for each in files
        }


def build(folder: Path, *, sockets: str) -> Image:
    """Do what `Dockerfile` does: copy, install what `requirements.txt` brings in, compile."""
    image = Image(folder=folder / "app", root=folder / "root", sockets=sockets)
    image.root.mkdir()
    for path, file in copied_files("production").items():
        target = image.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target)
        target.chmod(file.stat().st_mode | 0o444)
    _install(image.folder / ".venv")
    for each in dockerfile.stage("production").all("RUN"):
        if "compileall" in each.rest:
            subprocess.run(["sh", "-c", each.rest], cwd=image.folder, check=True)
    folders = ["find", str(folder), "-type", "d", "-exec", "chmod"]
    subprocess.run(
        [*folders, "u=rwx,go=rx" if os.geteuid() == 0 else "a=rx", "{}", "+"], check=True
    )
    return image


def _install(venv: Path) -> None:
    """Make an environment with the same versions as the one that runs the tests, and no more."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    wanted = parts.read_requirements((ROOT / "requirements.txt").read_text())
    (packages,) = venv.glob("lib/python*/site-packages")
    for name in parts.collect(wanted):
        distribution = metadata.distribution(name)
        for file in distribution.files or ():
            source = Path(str(distribution.locate_file(file)))
            # Scripts outside of it name another environment in their first line.
            if ".." not in file.parts and source.is_file():
                _place(source, packages / file)


def _place(source: Path, target: Path) -> None:
    """Link what everybody may read: ten thousand copies are half a minute on a busy disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.stat().st_mode & stat.S_IROTH:
        with contextlib.suppress(OSError):  # another file system
            target.hardlink_to(source)
            return
    shutil.copy2(source, target)
    target.chmod(0o644)
