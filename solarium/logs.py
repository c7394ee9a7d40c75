"""Log lines: one JSON object a line (readable text in debug), every value scrubbed (S55, S56)."""

from __future__ import annotations

import logging
import logging.config
import re
from collections.abc import Mapping
from typing import Any

import structlog
from django.views.debug import SafeExceptionReporterFilter

from integrations import redact
from integrations.correlation import correlation_id
from solarium import request_facts


def _add_request(_: Any, __: str, event: Any) -> Any:
    """Say on every line to what it belongs; status and duration stand on the request's own line."""
    event["correlation_id"] = correlation_id()
    # Django's own lines name the path and the request, with all that was asked for.
    event.pop("request", None)
    event["event"] = request_facts.without_path(str(event["event"]))
    request = request_facts.current()
    if request is not None:
        event.setdefault("route", request_facts.route(request))
        event.setdefault("user_id", request_facts.user_id(request))
    return event


def _scrub(_: Any, __: str, event: Any) -> Any:
    """Scrub each value before it is written: a pattern may cut an escape of JSON in two."""
    if not any(isinstance(value, Mapping | list | tuple) for value in event.values()):
        # One look at all of them: hardly any line has something to hide.
        said = "\n".join(f"{name}={_text(value)}" for name, value in event.items())
        if redact.scrub(said) == said:
            return event
    return _scrubbed("", dict(event))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def _scrubbed(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {redact.scrub(str(key)): _scrubbed(str(key), each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(name, each) for each in value]
    # With its name: that is what a code, a key or a password is known by.
    said = f"{name}={_text(value)}"
    clean = redact.scrub(said)
    return value if clean == said else clean.removeprefix(f"{name}=")


class ExceptionReporterFilter(SafeExceptionReporterFilter):
    """Django's debug reports hide what its default leaves visible (S55)."""

    hidden_settings = re.compile(
        "API|TOKEN|KEY|SECRET|PASS|SIGNATURE|HTTP_COOKIE|OTP|CODE|PHONE|EMAIL|SAS|SIG|PEPPER|"
        "CONNECTION|URL|AUTH",
        flags=re.IGNORECASE,
    )


# What libraries may say.
LOGGERS: Mapping[str, Mapping[str, str]] = {
    # Below WARNING these print URLs with signatures and headers with keys.
    "urllib3": {"level": "WARNING"},
    "azure": {"level": "WARNING"},
    "python_http_client": {"level": "WARNING"},
    # Every request has a line of our own already.
    "django.request": {"level": "CRITICAL"},
    "django.server": {"level": "WARNING"},
    # Strangers' Host headers are answered with 400; their tracebacks help nobody.
    "django.security.DisallowedHost": {"level": "CRITICAL"},
}


def configure(*, debug: bool) -> None:
    """Set logging up for the process."""
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=False)
        if debug
        else structlog.processors.JSONRenderer()
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            _add_request,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _scrub,
            renderer,
        ],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": formatter},
            "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["console"], "level": "INFO"},
            "loggers": {name: dict(level) for name, level in LOGGERS.items()},
        }
    )
