"""Azure Monitor: logs, traces and metrics go there where a connection string is set.

Its packages are optional (requirements-azure-monitor.txt): without the setting nothing of them is
imported.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

# Its parents "azure" and "azure.monitor" may belong to others, or be missing too.
PACKAGE = "opentelemetry"


def configure() -> None:
    """Send this process's telemetry; once, before Django builds its middleware."""
    if settings.APPLICATIONINSIGHTS_CONNECTION_STRING:
        from solarium import telemetry

        telemetry.start(connection_string=settings.APPLICATIONINSIGHTS_CONNECTION_STRING)


@register("solarium")
def check_packages(**kwargs: Any) -> list[CheckMessage]:
    """E021: Azure Monitor is set up, and what sends to it is not installed."""
    if not settings.APPLICATIONINSIGHTS_CONNECTION_STRING or find_spec(PACKAGE):
        return []
    return [
        Error(
            "APPLICATIONINSIGHTS_CONNECTION_STRING is set, but its packages are not installed.",
            hint="pip install -r requirements-azure-monitor.txt",
            id="solarium.E021",
        )
    ]
