"""What goes to Azure Monitor, scrubbed as every log line is (S55).

Imported by `solarium.monitoring` only, where Azure Monitor is set up.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from multiprocessing.util import Finalize
from typing import Any, Final
from urllib.parse import urlsplit

from azure.monitor.opentelemetry import configure_azure_monitor
from opentelemetry import _logs, trace
from opentelemetry.sdk._logs import LogRecordProcessor, ReadWriteLogRecord
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

from integrations import redact
from integrations.gateways import correlation_id
from solarium import request_facts

# Paths and queries may hold reset links, the webhooks' tokens and SAS signatures: of URLs the host
# is kept, of paths nothing. The route stands beside them.
URLS: Final = ("http.url", "url.full")
PATHS: Final = ("http.target", "url.path", "url.query")
FLUSH_MILLISECONDS: Final = 2000
# What is ours: the views and the calls to the providers. The SDK's other ones would tell it twice.
INSTRUMENTATIONS: Final = {
    name: {"enabled": name in ("django", "requests")}
    for name in (
        *("azure_sdk", "django", "fastapi", "flask", "httpx", "httpx2", "psycopg2"),
        *("requests", "urllib", "urllib3"),
    )
}


class ScrubbingSpanProcessor(SpanProcessor):  # type: ignore[misc]  # an optional package
    """Changes a span when it has ended, in its own thread, and before it is exported.

    The package offers no other way; a test reads what arrives.
    """

    def on_end(self, span: ReadableSpan) -> None:
        span._name = redact.scrub(span.name)
        kept = {name: v for name, v in (span.attributes or {}).items() if name not in PATHS}
        for name in URLS:
            if name in kept:
                url = urlsplit(str(kept[name]))
                kept[name] = f"{url.scheme}://{url.netloc.rpartition('@')[2]}"
        span._attributes = {**_scrubbed(kept), "correlation_id": correlation_id()}
        # An exception's text may name the URL.
        span._events = []


class ScrubbingLogProcessor(LogRecordProcessor):  # type: ignore[misc]  # an optional package
    """Scrubs message, extra and exception text; adds the correlation id.

    Django's own lines name the path and the request, with all that was asked for.
    """

    def on_emit(self, log_record: ReadWriteLogRecord) -> None:
        record = log_record.log_record
        record.body = redact.scrub(request_facts.without_path(str(record.body)))
        kept = {name: v for name, v in (record.attributes or {}).items() if name != "request"}
        record.attributes = {
            **_scrubbed(kept),
            "correlation_id": correlation_id(),
        }

    def shutdown(self) -> None:
        pass

    def force_flush(self, timeout_millis: int = FLUSH_MILLISECONDS) -> bool:
        return True


def _scrubbed(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, bool | int | float) else redact.scrub(str(value))
        for name, value in attributes.items()
    }


def start(*, connection_string: str) -> None:
    """Start sending: logs of the root logger, a span per request and provider call, metrics."""
    # Nobody is called but the one whom the connection string names (S37).
    os.environ["APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL"] = "true"
    os.environ["APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED"] = "true"
    configure_azure_monitor(
        connection_string=connection_string,
        enable_live_metrics=False,
        instrumentation_options=INSTRUMENTATIONS,
        span_processors=[ScrubbingSpanProcessor()],
        log_record_processors=[ScrubbingLogProcessor()],
    )
    # A forked worker of the server ends without atexit, on which the packages rely.
    Finalize(None, _flush, exitpriority=0)


def _flush() -> None:
    trace.get_tracer_provider().force_flush(FLUSH_MILLISECONDS)
    _logs.get_logger_provider().force_flush(FLUSH_MILLISECONDS)
