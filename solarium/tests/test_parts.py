"""S66: the list of parts names what runs, all of it and nothing else."""

from __future__ import annotations

import json
import subprocess

import pytest
from packaging.utils import canonicalize_name

from solarium import parts


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    path = tmp_path_factory.mktemp("sbom") / "sbom.json"
    done = subprocess.run(["bin/sbom", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(path.read_text())


def test_names_every_pin_and_what_it_needs(found):
    versions = {each["name"].lower(): each["version"] for each in found["components"]}

    pins = parts.read_requirements((parts.ROOT / "requirements.txt").read_text())
    assert len(pins) > 10
    for pin in pins:
        assert pin.specifier.contains(versions[canonicalize_name(pin.name)]), pin
    assert {"urllib3", "cpython"} <= set(versions)
    assert all(each.get("licenses", True) for each in found["components"])


def test_tools_of_development_are_no_part(found):
    names = {each["name"].lower() for each in found["components"]}

    assert not names & {"pytest", "ruff", "mypy", "responses"}


def test_every_part_says_what_it_needs(found):
    refs = {each["bom-ref"] for each in found["components"]} | {parts.APPLICATION}
    tree = {each["ref"]: each["dependsOn"] for each in found["dependencies"]}

    assert refs - set(tree) == {"python"}
    assert {ref for needed in tree.values() for ref in needed} <= refs
    requests = next(ref for ref in refs if ref.startswith("pkg:pypi/requests@"))
    assert any(ref.startswith("pkg:pypi/urllib3@") for ref in tree[requests])


def test_extras_bring_their_own():
    with_pool = parts.collect(parts.read_requirements("psycopg[pool]  # why\n\n# a comment\n"))

    assert "psycopg-pool" in with_pool
    assert "psycopg-pool" not in parts.collect(parts.read_requirements("psycopg"))


@pytest.mark.parametrize("line", ["no-such-part==1", "=="])
def test_what_is_not_installed_or_no_requirement_gets_a_sentence(
    line, tmp_path, monkeypatch, capsys
):
    (tmp_path / "requirements.txt").write_text(line)
    monkeypatch.setattr(parts, "ROOT", tmp_path)

    assert parts.main([str(tmp_path / "sbom.json")]) == 1

    assert capsys.readouterr().err.startswith("sbom: ")
    assert not (tmp_path / "sbom.json").exists()
