"""The list of parts (SBOM, S66): what `requirements.txt` brings in, as CycloneDX 1.6.

https://cyclonedx.org/docs/1.6/json/. Read from what is installed, so that it names what runs and
not what was meant to. Tools of development are no part.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
APPLICATION = "solarium"


def read_requirements(text: str) -> list[Requirement]:
    """Return the requirements of a requirements file; comments and blank lines left out."""
    lines = (line.partition(" #")[0].strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def collect(wanted: Iterable[Requirement]) -> dict[str, set[str]]:
    """Return every part by its canonical name, with the names of the parts that it needs.

    Raises:
        PackageNotFoundError: One of them is not installed.
    """
    needs: dict[str, set[str]] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    left = list(wanted)
    while left:
        requirement = left.pop()
        name = canonicalize_name(requirement.name)
        key = (name, frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        found = _needed_by(requirement)
        needs.setdefault(name, set()).update(canonicalize_name(each.name) for each in found)
        left += found
    return needs


def _needed_by(requirement: Requirement) -> list[Requirement]:
    texts = metadata.distribution(requirement.name).requires or []
    extras = ["", *requirement.extras]
    return [
        each
        for each in map(Requirement, texts)
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras)
    ]


def bill(*, wanted: list[Requirement], now: datetime) -> dict[str, Any]:
    """Return the list as CycloneDX wants it."""
    needs = collect(wanted)
    direct = [canonicalize_name(each.name) for each in wanted]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": now.isoformat(timespec="seconds"),
            "component": {"type": "application", "bom-ref": APPLICATION, "name": APPLICATION},
        },
        "components": [
            {
                "type": "platform",
                "bom-ref": "python",
                "name": platform.python_implementation(),
                "version": platform.python_version(),
            },
            *(_component(name) for name in sorted(needs)),
        ],
        "dependencies": [
            {"ref": APPLICATION, "dependsOn": ["python", *sorted(map(_purl, direct))]},
            *(
                {"ref": _purl(name), "dependsOn": sorted(map(_purl, needs[name]))}
                for name in sorted(needs)
            ),
        ],
    }


def _component(name: str) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": _purl(name),
        "name": name,
        "version": metadata.version(name),
        "purl": _purl(name),
        "licenses": _licenses(metadata.metadata(name)),
    }


def _licenses(found: metadata.PackageMetadata) -> list[dict[str, Any]]:
    expressions = found.get_all("License-Expression") or []
    if expressions:
        return [{"expression": expressions[0]}]
    classifiers = found.get_all("Classifier") or []
    names = [
        each.rpartition(" :: ")[2]
        for each in classifiers
        if each.startswith("License :: OSI Approved :: ")
    ]
    names = names or [each.partition("\n")[0] for each in found.get_all("License") or []]
    return [{"license": {"name": each}} for each in names or ["not declared"]]


def _purl(name: str) -> str:
    return f"pkg:pypi/{canonicalize_name(name)}@{metadata.version(name)}"


def main(arguments: list[str] | None = None) -> int:
    """Write the list; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/sbom",
        description="Writes the list of parts (CycloneDX 1.6, JSON). Example: bin/sbom sbom.json",
    )
    parser.add_argument("file", nargs="?", type=Path, default=ROOT / "var" / "sbom.json")
    path: Path = parser.parse_args(arguments).file
    try:
        wanted = read_requirements((ROOT / "requirements.txt").read_text())
        found = bill(wanted=wanted, now=datetime.now(UTC))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found, indent=2) + "\n")
    except metadata.PackageNotFoundError as err:
        sys.stderr.write(f"sbom: {err.name} is not installed; run bin/setup.\n")
        return 1
    except (OSError, InvalidRequirement) as err:
        sys.stderr.write(f"sbom: {err}\n")
        return 1
    sys.stdout.write(f"{path}: {len(found['components'])} parts\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
