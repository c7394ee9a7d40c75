"""Tables of the docs are the code's: nothing is missing there, and nothing there is gone."""

from __future__ import annotations

import ast
import re

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.urls import resolve
from django.utils.module_loading import import_string
from rest_framework.serializers import CharField, ChoiceField, DictField, FileField, IntegerField

from solarium import environment
from solarium.tests.doc_pages import PAGES, ROOT, quoted, rows

SETTINGS = "docs/settings.md"
APPS = ("solarium", "otp", "documents", "accounts", "emails", "api", "integrations")
ENVIRONMENT_NAME = r'\be\.[\w.]+\(\s*"([A-Z][A-Z0-9_]+)"'
CHECK_ID = re.compile(r"(?:integrations|otp|solarium)\.[EWI]\d{3}")


def sources() -> list[str]:
    """Return the apps' own files, tests left out."""
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    return [path.read_text() for path in files if "tests" not in path.relative_to(ROOT).parts]


def found_in_code(pattern: str) -> set[str]:
    return {match for text in sources() for match in re.findall(pattern, text)}


def names_of_the_server() -> set[str]:
    """Return what `bin/serve` reads besides."""
    return set(environment.SERVER_NUMBERS)


def our_commands() -> set[str]:
    return {
        path.stem
        for app in (*APPS, "sandbox")
        for path in (ROOT / app).glob("management/commands/[a-z]*.py")
    }


class TestSettings:
    def test_the_tables_are_what_is_read(self):
        page = (ROOT / SETTINGS).read_text()
        named = re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", page, re.MULTILINE)

        read = found_in_code(ENVIRONMENT_NAME) | names_of_the_server() | {"HOST"}
        assert len(named) == len(set(named)) >= 40
        assert set(named) == read

    def test_each_has_an_example(self):
        example = (ROOT / ".env.example").read_text()
        shown = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))

        of_scripts = names_of_the_server() | {"HOST", "SANDBOX_PORT", "AZURITE_PORT"}
        assert found_in_code(ENVIRONMENT_NAME) <= shown
        assert shown <= found_in_code(ENVIRONMENT_NAME) | of_scripts


class TestSystemChecks:
    def of_module(self, text: str) -> tuple[set[str], set[str]]:
        """Return the ids of a module, and those of its checks that are registered for a deploy."""
        parts = {
            getattr(part, "name", "") or ast.unparse(getattr(part, "target", part)): part
            for part in ast.parse(text).body
            if isinstance(part, ast.FunctionDef | ast.AnnAssign | ast.Assign)
        }
        ids = {name: set(CHECK_ID.findall(ast.unparse(part))) for name, part in parts.items()}
        deploy = set()
        for part in parts.values():
            heads = [ast.unparse(each) for each in getattr(part, "decorator_list", [])]
            if any("deploy=True" in head for head in heads):
                reached = {part.name, *re.findall(r"\b_\w+", ast.unparse(part))}
                deploy |= set().union(*(ids.get(name, set()) for name in reached))
        return set().union(*ids.values()), deploy

    def test_the_table_is_what_is_checked(self):
        table = {
            row[0].split("`")[1]: "*deploy*" in row[0] for row in rows(SETTINGS, "System checks")
        }
        found, deploy = set(), set()
        for text in sources():
            if "from django.core.checks import" in text:
                ids, of_deploy = self.of_module(text)
                found, deploy = found | ids, deploy | of_deploy

        assert len(table) == len(rows(SETTINGS, "System checks")) > 30
        assert table.keys() == found
        assert {name for name, marked in table.items() if marked} == deploy


class TestErrorCodes:
    def described(self, description):
        return {
            (problem["properties"]["code"]["enum"][0], problem["properties"]["status"]["enum"][0])
            for name, problem in description["components"]["schemas"].items()
            if name.endswith("Problem")
        } | {("bad_request", 400), ("method_not_allowed", 405)}  # of no operation

    @pytest.mark.parametrize(
        ("page", "heading"),
        [(SETTINGS, "Error codes"), ("docs/front-end-guide.md", "What to do on each code")],
    )
    def test_the_table_is_what_the_api_describes(self, page, heading, description):
        table = [row for row in rows(page, heading) if row[1].isdigit()]

        assert all(row[2] for row in table)
        assert len(table) == len(self.described(description)) >= 30
        assert {(row[0].strip("`"), int(row[1])) for row in table} == self.described(description)

    def test_the_table_of_fields_is_what_they_say(self, description):
        table = rows(SETTINGS, "Error codes")
        named = {code for row in table if not row[1].isdigit() for code in quoted(row[:1])}
        of_answers = {code for code, _ in self.described(description)}
        ours = found_in_code(r'\bcode="([a-z_]+)"') - of_answers
        builtin = {"password_too_common", "password_too_similar"}
        for field in (CharField, ChoiceField, DictField, FileField, IntegerField):
            for each in field.__mro__:
                builtin |= set(getattr(each, "default_error_messages", ()))

        assert ours <= named
        assert named <= ours | builtin


def test_the_table_of_metrics_is_what_is_counted():
    kinds = r"(Counter|Histogram|Gauge)(?:MetricFamily)?"
    made = kinds + r'\(\s*"(\w+)",\s*"[^"]+",\s*(?:labels=)?\(([^)]*)\)'
    counted = {
        (name + "_total" * (kind == "Counter"), kind.lower(), *re.findall(r'"(\w+)"', labels))
        for text in sources()
        for kind, name, labels in re.findall(made, text)
    }

    table = rows(SETTINGS, "Metrics")

    assert len(table) == len(counted) >= 8
    assert {(*quoted(row[:1]), row[1], *quoted(row[2:3])) for row in table} == counted


class TestCommands:
    def options(self, name: str) -> set[str]:
        """Return the options that a command of ours has beside Django's."""
        command = load_command_class(get_commands()[name], name)
        common = set(BaseCommand().create_parser("manage.py", name)._option_string_actions)
        parsers = [command.create_parser("manage.py", name)]
        for action in parsers[0]._actions:
            parsers += action.choices.values() if isinstance(action.choices, dict) else []
        return {option for each in parsers for option in each._option_string_actions} - common

    def test_the_table_is_what_there_is(self):
        named = set(quoted([row[0] for row in rows(SETTINGS, "Commands")]))
        scripts = {f"bin/{path.name}" for path in (ROOT / "bin").iterdir() if path.is_file()}
        others = {"npm run client", "manage.py migrate", "manage.py check"}

        words = {" ".join(re.findall(r"^(?:npm run |manage\.py )?\S+", each)) for each in named}

        assert words == scripts | others | {f"manage.py {name}" for name in our_commands()}

    @pytest.mark.parametrize("name", sorted(our_commands()))
    def test_its_options_are_in_its_row(self, name):
        usages = quoted([row[0] for row in rows(SETTINGS, "Commands")])
        its = " ".join(each for each in usages if each.split()[:2] == ["manage.py", name])

        assert set(re.findall(r"--[a-z-]+", its)) == self.options(name)

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
    def test_what_a_page_names_exists(self, page):
        wrong = []
        for name, rest in re.findall(r"manage\.py ([a-z_]+)([^`|\n]*)", page.read_text()):
            if name not in get_commands():
                wrong.append(name)
            elif name in our_commands():
                wrong += set(re.findall(r"--[a-z-]+", rest)) - self.options(name) - {"--help"}

        assert not wrong


@pytest.mark.parametrize("name", sorted(our_commands()))
def test_every_command_shows_a_call_of_itself(name):
    words = load_command_class(get_commands()[name], name).help

    assert re.search(rf"Example: .*manage\.py {name}\b", words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_page_of_the_admin_that_a_page_names_exists(page):
    paths = set(re.findall(r"`(/admin/[a-z_/]*)`", page.read_text()))

    # What is below the admin and unknown has a view without a name.
    assert not [path for path in paths if resolve(path).url_name is None]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_of_the_code_exists(page):
    folders = "|".join((*APPS, "sandbox", "benchmarks", "bin", "client", "deploy", "templates"))
    text = page.read_text()
    files = set(re.findall(rf"(?<![\w/-])(?:{folders})/[\w/.-]*\w\.[a-z]+\b", text))
    names = set(re.findall(rf"`((?:{'|'.join(APPS)})(?:\.\w+){{2,}})[`(]", text))

    assert not [path for path in sorted(files) if not (ROOT / path).exists()]
    for name in names:
        assert import_string(name), name


def test_the_architecture_names_files():
    page = (ROOT / "docs" / "architecture.md").read_text()

    assert len(set(re.findall(r"\b[a-z_]+/[\w/]+\.py\b", page))) > 40
