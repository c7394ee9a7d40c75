"""Docs that tests compare with the code cannot go stale unseen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import resolve

from api.problems import TEXTS
from solarium import environment

ROOT = Path(__file__).resolve().parents[2]
SETTINGS_PAGE = (ROOT / "docs" / "settings.md").read_text()
SECURITY_PAGE = (ROOT / "docs" / "security.md").read_text()
APPS = ("solarium", "otp", "documents", "accounts", "emails", "api", "integrations")
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "integrations" / "README.md",
    *(ROOT / "docs").rglob("*.md"),
]
ENVIRONMENT_NAME = r'\be\.[\w.]+\(\s*"([A-Z][A-Z0-9_]+)"'


def found_in_code(pattern: str) -> set[str]:
    """Return what a pattern finds in the apps' own files, tests left out."""
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    texts = [path.read_text() for path in files if "tests" not in path.parts]
    return {match for text in texts for match in re.findall(pattern, text)}


def names_of_the_server() -> set[str]:
    """Return what `bin/serve` reads besides."""
    return set(environment.SERVER_NUMBERS)


def our_commands() -> set[str]:
    return {
        path.stem
        for app in (*APPS, "sandbox")
        for path in (ROOT / app).glob("management/commands/[a-z]*.py")
    }


@pytest.mark.parametrize(
    ("what", "pattern", "least"),
    [
        ("environment name", ENVIRONMENT_NAME, 40),
        ("system check", r'id="(\w+\.[EWI]\d{3})"', 10),
        ("problem code", r'(?:code|unavailable|rejected)="([a-z]+(?:_[a-z]+)+)"', 20),
    ],
)
def test_everything_is_documented(what, pattern, least):
    names = found_in_code(pattern)

    assert len(names) >= least
    missing = sorted(name for name in names if f"`{name}`" not in SETTINGS_PAGE)
    assert not missing, f"docs/settings.md lacks the {what} of: {missing}"


def test_problems_that_any_endpoint_may_answer_are_documented():
    assert len(TEXTS) >= 10
    for code in TEXTS:
        assert f"| `{code}` |" in SETTINGS_PAGE, code


def test_names_of_the_server_are_documented():
    names = names_of_the_server()

    assert "PORT" in names
    for name in names:
        assert f"| `{name}` |" in SETTINGS_PAGE, name


def test_every_setting_of_the_page_is_read():
    rows = set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", SETTINGS_PAGE, re.MULTILINE))

    assert len(rows) >= 40
    assert rows - found_in_code(ENVIRONMENT_NAME) - names_of_the_server() == {"HOST"}


def test_every_setting_has_an_example():
    example = (ROOT / ".env.example").read_text()

    names = found_in_code(ENVIRONMENT_NAME)

    missing = sorted(name for name in names if not re.search(rf"^#?{name}=", example, re.MULTILINE))
    assert not missing, f".env.example lacks {missing}"


def test_every_command_is_documented():
    commands = {f"manage.py {name}" for name in our_commands()}
    scripts = {f"bin/{path.name}" for path in (ROOT / "bin").iterdir() if path.is_file()}

    assert len(commands) >= 5
    assert len(scripts) >= 5
    missing = sorted(name for name in commands | scripts if f"`{name}" not in SETTINGS_PAGE)
    assert not missing, f"docs/settings.md lacks {missing}"


@pytest.mark.parametrize("name", sorted(our_commands()))
def test_every_command_shows_a_call_of_itself(name):
    words = load_command_class(get_commands()[name], name).help

    assert re.search(rf"Example: .*manage\.py {name}\b", words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_exists(page):
    known = get_commands()
    wrong = []

    for command in re.findall(r"manage\.py ([a-z_]+[^`|\n]*)", page.read_text()):
        name, _, rest = command.partition(" ")
        if name not in known:
            wrong.append(name)
        elif name in our_commands():
            parser = load_command_class(known[name], name).create_parser("manage.py", name)
            options = set(re.findall(r"--[a-z-]+", rest)) - set(parser._option_string_actions)
            wrong += [f"{name} {option}" for option in options]

    assert not wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_of_the_admin_that_a_page_names_exists(page):
    paths = set(re.findall(r"`(/admin/[a-z_/]*)`", page.read_text()))

    # What is below the admin and unknown has a view without a name.
    assert not [path for path in paths if resolve(path).url_name is None]


def test_the_files_that_the_architecture_names_exist():
    page = (ROOT / "docs" / "architecture.md").read_text()
    named = set(re.findall(r"\b(?:[a-z_]+/)+(?:__main__|[a-z]\w*)\.py\b", page))

    assert len(named) > 40
    assert not [path for path in sorted(named) if not (ROOT / path).is_file()]


def test_links_between_docs_exist():
    links = [
        (page, link)
        for page in PAGES
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    ]

    assert len(links) > 10
    for page, link in links:
        assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_links_within_a_page_lead_to_a_heading():
    links = [
        (page, anchor)
        for page in PAGES
        for anchor in re.findall(r"\]\(#([^)]+)\)", page.read_text())
    ]

    assert len(links) > 10
    for page, anchor in links:
        headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
        slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert anchor in slugs, f"{page.name}: #{anchor}"


def test_every_test_that_the_security_page_names_exists():
    named = set(re.findall(r"`([\w/]+/tests/[\w/.]+\.py)((?:::\w+)*)`", SECURITY_PAGE))

    assert len(named) > 80
    for path, names in named:
        text = (ROOT / path).read_text()
        for name in filter(None, names.split("::")):
            assert re.search(rf"(?:def|class) {name}\b", text), f"{path}::{name}"


def test_the_guide_says_what_to_do_on_every_code(description):
    guide = (ROOT / "docs" / "front-end-guide.md").read_text()
    rows = re.findall(r"^\| `([a-z_]+)` \| (\d{3}) \| .{4,} \|$", guide, re.MULTILINE)
    described = {
        (problem["properties"]["code"]["enum"][0], problem["properties"]["status"]["enum"][0])
        for name, problem in description["components"]["schemas"].items()
        if name.endswith("Problem")
    }
    of_no_operation = {("bad_request", 400), ("method_not_allowed", 405)}

    assert len(described) >= 30
    assert len(rows) == len(set(rows))
    assert {(code, int(status)) for code, status in rows} == described | of_no_operation
