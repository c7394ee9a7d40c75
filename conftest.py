from __future__ import annotations

import os
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["integrations.testing", "solarium.testing", "solarium.tests.as_described"]

# The same cases on every run; `pytest --hypothesis-profile=long` looks for new ones.
settings.register_profile(
    "same",
    max_examples=100,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile(
    "long", settings.get_profile("same"), max_examples=2000, derandomize=False
)
settings.load_profile("same")

# What each of these starts is shared by all its tests: `--dist loadscope` leaves them together.
TOGETHER = (
    "documents/tests/test_scanning.py",
    "integrations/tests/test_delegation_azurite.py",
    "sandbox/tests/browser/",
    "solarium/tests/client/",
    "solarium/tests/image/",
    "solarium/tests/rehearsals/",
    "solarium/tests/servers/",
    "solarium/tests/wheel/",
)


class Together(LoadScopeScheduling):
    """Gives a process all tests of one of these places, largest first, and others one by one."""

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together | None:
    return Together(config, log) if config.getoption("dist") == "loadscope" else None


def pytest_configure() -> None:
    _count_apart()
    pool = django_settings.DATABASES["default"]["OPTIONS"].get("pool")
    if pool:
        # A hundred threads at once wait for sixteen connections, on a busy machine long; given back
        # soon, since the processes and their servers share the hundred that PostgreSQL has.
        pool |= {"timeout": 60, "max_idle": 10}


def _count_apart() -> None:
    """Beside each other (pytest-xdist) each process counts in a Redis database of its own.

    pytest-django gives it a PostgreSQL database the same way, and has read the settings by now.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if not (worker and django_settings.CACHE_URL):
        return
    given = urlsplit(django_settings.CACHE_URL)
    number = int(given.path.strip("/") or 0) + int(worker)
    own = given._replace(path=f"/{number}").geturl()
    os.environ["CACHE_URL"] = own  # for the servers that tests start
    django_settings.CACHE_URL = own
    django_settings.CACHES["default"]["LOCATION"] = own
