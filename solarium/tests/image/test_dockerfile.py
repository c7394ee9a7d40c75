"""What the image is, read from `Dockerfile`; what it does is in `test_running.py`."""

from __future__ import annotations

import re

import pytest

from solarium.tests.image import dockerfile
from solarium.tests.image.dockerfile import ROOT, copied_files, is_ignored, stage

PYTHON = "3.11"
APPS = {"solarium", "otp", "documents", "accounts", "emails", "api", "integrations"}


@pytest.fixture(scope="module")
def production():
    return stage("production")


@pytest.fixture(scope="module")
def files():
    return copied_files("production")


class TestProduction:
    def test_is_what_a_build_makes_without_a_target(self):
        last = dockerfile.read((ROOT / "Dockerfile").read_text())[-1]

        assert (last.base, last.instructions) == ("production", [])

    def test_bases_name_the_minor_version_and_the_release(self):
        bases = [each.base for each in dockerfile.read((ROOT / "Dockerfile").read_text())]

        assert f"python:{PYTHON}-slim-bookworm" in bases
        assert {base for base in bases if ":" in base} == {f"python:{PYTHON}-slim-bookworm"}

    def test_every_source_exists_and_reaches_the_build(self):
        for name in ("dependencies", "development-dependencies", "production", "sandbox"):
            sources = stage(name).sources()
            assert sources
            for source in sources:
                assert (ROOT / source).exists(), source
                assert not is_ignored(source, patterns=dockerfile.ignore_patterns()), source

    def test_has_every_app_and_nothing_of_development(self, files):
        assert {path.split("/")[0] for path in files} >= APPS
        assert {path for path in files if path.startswith("bin/")} == {"bin/serve", "bin/healthy"}
        assert {path.split("/")[0] for path in files} == {*APPS, "bin", "templates", "manage.py"}
        assert len(files) > 100
        assert not [path for path in files if re.search(r"(^|/)(tests|docs|__pycache__)/", path)]

    def test_installs_what_production_needs_from_wheels(self):
        (command,) = [each.rest for each in stage("dependencies").all("RUN")]

        assert stage("dependencies").last("ARG").rest == "REQUIREMENTS=requirements.txt"
        assert '--only-binary=:all: --requirement "$REQUIREMENTS"' in command
        assert "requirements-dev" not in command

    def test_runs_as_nobody_special_by_number(self, production):
        assert production.last("USER").rest == "10001:10001"
        # Nothing is copied or run after it, or by its hands.
        after = production.instructions[production.instructions.index(production.last("USER")) :]
        assert not [each for each in after if each.name in {"COPY", "RUN"}]
        assert not [each for each in production.all("COPY") if "chown" in each.flags]

    def test_signals_reach_the_server(self, production):
        assert production.last("STOPSIGNAL").rest == "SIGTERM"
        assert production.last("CMD").listed() == ["bin/serve"]

    def test_is_asked_by_healthz_alone(self, production):
        assert production.last("HEALTHCHECK").listed() == ["bin/healthy"]
        assert '"/healthz"' in (ROOT / "bin/healthy").read_text()

    def test_holds_no_secret_and_no_debug(self, production):
        assert production.environment() == {
            "HOST": "0.0.0.0",  # noqa: S104  (a container's own)
            "PORT": "8000",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
        }


def test_the_stand_ins_are_in_their_own_stage_alone():
    assert stage("sandbox").base == "production"
    assert "sandbox" in stage("sandbox").sources()
    assert stage("sandbox").last("CMD").listed()[1:] == ["manage.py", "run_sandbox"]


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        (".env", True),
        (".git/config", True),
        ("var/solarium.sqlite3", True),
        ("node_modules/azurite/package.json", True),
        ("docs/settings.md", True),
        ("otp/tests/test_send.py", True),
        ("otp/__pycache__/codes.cpython-311.pyc", True),
        ("integrations/README.md", True),
        ("otp/codes.py", False),
        ("bin/serve", False),
    ],
)
def test_only_what_is_named_reaches_a_build(path, ignored):
    assert is_ignored(path, patterns=dockerfile.ignore_patterns()) is ignored
