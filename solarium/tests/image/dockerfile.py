"""Reads `Dockerfile` and `.dockerignore`, as far as ours go: what is more is an error here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[3]
FLAG = re.compile(r"--([a-z-]+)=(\S+)\s+")
KNOWN = {
    *("ARG", "CMD", "COPY", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "RUN"),
    *("STOPSIGNAL", "USER", "WORKDIR"),
}


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One instruction with its lines joined; ``flags`` without their dashes."""

    name: str
    flags: dict[str, str]
    rest: str

    def listed(self) -> list[str]:
        """Return the words of the exec form; the shell form is an error."""
        words = json.loads(self.rest.removeprefix("CMD").strip())
        assert isinstance(words, list)
        return words


@dataclass(kw_only=True)
class Stage:
    """What one FROM begins; ``base`` is an image, or a stage before."""

    name: str
    base: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, name: str) -> list[Instruction]:
        return [each for each in self.instructions if each.name == name]

    def last(self, name: str) -> Instruction:
        return self.all(name)[-1]

    def sources(self) -> list[str]:
        """Return what it copies out of the repository."""
        copies = [each for each in self.all("COPY") if "from" not in each.flags]
        return [source for each in copies for source in each.rest.split()[:-1]]

    def environment(self) -> dict[str, str]:
        return dict(pair.split("=", 1) for each in self.all("ENV") for pair in each.rest.split())


def read(text: str) -> list[Stage]:
    """Return the stages of a Dockerfile, arguments of bases filled in."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\s*\\\n\s*", " ", "\n".join(lines))
    arguments: dict[str, str] = {}
    stages: list[Stage] = []
    for line in filter(None, map(str.strip, joined.splitlines())):
        name, _, rest = line.partition(" ")
        assert name in KNOWN, line
        flags = {}
        while flag := FLAG.match(rest):
            flags[flag[1]] = flag[2]
            rest = rest[flag.end() :]
        if name == "FROM":
            base, _, stage = rest.partition(" AS ")
            base = re.sub(r"\$\{(\w+)\}", lambda found: arguments[found[1]], base)
            stages.append(Stage(name=stage, base=base))
        elif stages:
            stages[-1].instructions.append(Instruction(name=name, flags=flags, rest=rest))
        else:
            assert name == "ARG", line
            arguments.update([rest.split("=", 1)])
    return stages


def stage(name: str) -> Stage:
    """Return one stage of ours."""
    (found,) = [each for each in read((ROOT / "Dockerfile").read_text()) if each.name == name]
    return found


def is_ignored(path: str, *, patterns: list[str]) -> bool:
    """Return whether `.dockerignore` keeps a path of the repository from the build."""
    parts = PurePosixPath(path).parts
    ignored = False
    for pattern in patterns:
        wanted = pattern.removeprefix("!")
        deep = wanted.startswith("**/")
        wanted = wanted.removeprefix("**/")
        assert "/" not in wanted, pattern
        if any(fnmatch(part, wanted) for part in (parts if deep else parts[:1])):
            ignored = not pattern.startswith("!")
    return ignored


def ignore_patterns() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def copied_files(name: str) -> dict[str, Path]:
    """Return every file that a stage copies out of the repository, by its path in the image."""
    patterns = ignore_patterns()
    files = {}
    for source in stage(name).sources():
        place = ROOT / source
        found = (
            [place] if place.is_file() else [each for each in place.rglob("*") if each.is_file()]
        )
        for file in found:
            path = file.relative_to(ROOT).as_posix()
            if not is_ignored(path, patterns=patterns):
                files[path] = file
    return files
