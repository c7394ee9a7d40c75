"""``docs/security.md`` names each requirement once, and the tests that show it."""

from __future__ import annotations

import ast
import re
from itertools import chain

from solarium.tests.doc_pages import ROOT, quoted, rows

CHAPTERS = (
    "Codes",
    "Limits",
    "Who has an account, and sessions",
    "Password reset and mail",
    "Provider calls",
    "Webhooks",
    "Documents",
    "Logs, audit, admin",
    "Keys, configuration, platform",
)
TABLE = {row[0]: row[2] for name in CHAPTERS for row in rows("docs/security.md", name)}
# A folder, a file, a class or a test.
TEST = re.compile(r"((?:\w+/)+(?:\w+\.(?:py|md))?)((?:::\w+)*)")


def named(number):
    """Return what a row names as pytest does, without what it says besides."""
    return [each for each in quoted([TABLE[number]]) if "test" in each]


def parts(node, names=()):
    """Give out every class and test of a module with its names and its docstring."""
    yield names, ast.get_docstring(node) or ""
    for each in node.body:
        if isinstance(each, ast.ClassDef | ast.FunctionDef):
            yield from parts(each, (*names, each.name))


def modules():
    for app in ("accounts", "api", "documents", "emails", "integrations", "otp", "solarium"):
        for path in sorted((ROOT / app).rglob("test_*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def test_every_requirement_has_its_row():
    assert list(TABLE) == [f"S{number}" for number in range(1, 69)]


def test_every_row_names_a_test_or_says_why_there_is_none():
    assert not [number for number in TABLE if not named(number) and "no test:" not in TABLE[number]]


def test_every_test_that_is_named_exists():
    for each in chain.from_iterable(map(named, TABLE)):
        match = TEST.fullmatch(each)
        assert match, each
        path, _, names = each.partition("::")
        assert (ROOT / path).exists(), each
        if names:
            found = {"::".join(inner) for inner, _ in parts(ast.parse((ROOT / path).read_text()))}
            assert names in found, each


def test_every_test_that_says_what_it_shows_is_named():
    lacking = [
        f"{number}: {path}::{'::'.join(names)}"
        for path, module in modules()
        for names, docstring in parts(module)
        for number in re.findall(r"\bS\d+\b", docstring)
        if not any(
            f"{path}::{'::'.join(names)}".startswith((each, f"{path}::{names[0]}" if names else ""))
            for each in named(number)
        )
    ]

    assert not lacking
