from __future__ import annotations

from hypothesis import HealthCheck, settings

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
