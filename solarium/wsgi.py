"""What the server loads."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

_CHARSET = re.compile(r"""(?i);\s*charset\s*=\s*("[^"]*"|[^;]*)""")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "solarium.settings")


def _load() -> WSGIHandler:
    """Set up what a process needs that serves requests; commands do without."""
    django.setup(set_prefix=False)
    from integrations import gateways  # models need the setup
    from solarium import monitoring

    monitoring.configure()  # before the middleware is loaded: it adds its own
    gateways.start_alert_watch()
    return WSGIHandler()


_django = _load()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Django, with chunked bodies given the length that Django needs to see them at all.

    They are held in memory before anybody is known: whoever sends more than a report's size says
    beforehand how much it is, else it is too large. The caller's charset is passed over: Django
    would read the query by it, and fails before any view where it is no text's, as rot13.
    """
    environ["CONTENT_TYPE"] = _CHARSET.sub("", environ.get("CONTENT_TYPE", ""))
    if environ.get("HTTP_TRANSFER_ENCODING") and not environ.get("CONTENT_LENGTH"):
        from api.middleware import body_limit  # needs the setup

        limit = body_limit(method=environ["REQUEST_METHOD"], path=environ.get("PATH_INFO", ""))
        most = min(limit, settings.MAX_WEBHOOK_BYTES)
        body = environ["wsgi.input"].read(most + 1)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body) if len(body) <= most else limit + 1)
    return _django(environ, start_response)
