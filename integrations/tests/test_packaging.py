"""What `integrations/pyproject.toml` and `integrations/README.md` say, compared with the code."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from integrations import defaults, gateways

APP = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((APP / "pyproject.toml").read_text())["project"]
NO_IMPORT = {"tzdata"}  # data only
NAMESPACES = ("azure",)


def declared(lines):
    return {canonicalize_name(found.name): found for found in map(Requirement, lines)}


def imported(paths):
    """Return the distributions that modules import, ours and Python's own left out."""
    names = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module)
    found = set()
    for name in names:
        top = name.split(".")[0]
        if top in NAMESPACES:
            found.add(
                {"core": "azure-core", "identity": "azure-identity"}.get(
                    name.split(".")[1], "azure-storage-blob"
                )
            )
        elif top not in sys.stdlib_module_names and top != "integrations":
            found |= {canonicalize_name(each) for each in packages_distributions()[top]}
    return found


def modules():
    return [path for path in APP.rglob("*.py") if "tests" not in path.parts]


def test_what_is_imported_is_declared_and_nothing_else():
    needed = declared(PROJECT["dependencies"])

    assert imported(path for path in modules() if path.name != "testing.py") | NO_IMPORT == set(
        needed
    )


def test_what_the_fixtures_import_is_in_the_extra():
    extra = declared(PROJECT["optional-dependencies"]["testing"])

    assert imported([APP / "testing.py"]) - set(declared(PROJECT["dependencies"])) == set(extra) - {
        "pytest-django"
    }


def test_the_ranges_hold_what_is_tested_here():
    ranges = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["testing"]

    for name, found in declared(ranges).items():
        if name not in NO_IMPORT:
            assert found.specifier.contains(version(name)), name


def rows():
    """Return setting and default of the README's table."""
    page = (APP / "README.md").read_text()
    return dict(re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \| ([^|]+) \|", page, re.MULTILINE))


def shown(value):
    if isinstance(value, int | float):
        return f"`{value:g}`"
    assert not value
    return "empty"


OPTIONS = re.compile(
    r".*_BASE_URL|MSG91_API|MSG91_FLOW_VARIABLE|AZURE_STORAGE_CONTAINER|.*_PROTOCOL"
)


@pytest.mark.parametrize(
    "name", [each for each in vars(defaults) if each.isupper() and not OPTIONS.fullmatch(each)]
)
def test_the_table_of_the_readme_says_every_default(name):
    value = getattr(defaults, name)
    if name == "SLOTS_PER_PROVIDER":
        assert rows()["PROVIDER_SLOTS"] == f"empty: {value} each"
    elif name == "INTEGRATIONS":
        assert rows()[name] == "none"
    elif name != "PROVIDER_SLOTS":
        assert rows()[name] == shown(value)


def test_the_table_of_the_readme_names_no_other():
    assert set(rows()) - set(vars(defaults)) == {"FINGERPRINT_KEY"}


@pytest.mark.parametrize("name", gateways.__all__)
def test_the_readme_names_all_that_gateways_has(name):
    assert re.search(rf"`(gateways\.)?{name}\b", (APP / "README.md").read_text())
