"""Solarium's WSGI application in this process, asked as its server would ask it."""

from __future__ import annotations

import io
import logging
import os
import sys
from typing import Any

from harness.paths import ROOT


def application(environment: dict[str, str]) -> Any:
    """Load it with settings as in production; its log lines are written, and kept nowhere."""
    os.environ.update(environment, DJANGO_SETTINGS_MODULE="solarium.settings")
    sys.path.insert(0, str(ROOT))
    from solarium.wsgi import application as made

    logging.root.handlers[0].setStream(io.StringIO())  # type: ignore[attr-defined]
    return made


def ask(made: Any, method: str, path: str, *, body: bytes = b"", **more: str) -> bytes:
    """Ask once and return the answer's body.

    Args:
        more: Further variables of the request, by their WSGI names.

    Raises:
        SystemExit: The answer is neither 200 nor 204.
    """
    path, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
        **more,
    }
    statuses: list[str] = []
    answer = made(environ, lambda status, headers, error=None: statuses.append(status))
    content = b"".join(answer)
    answer.close()
    if statuses not in (["200 OK"], ["204 No Content"]):
        raise SystemExit(f"{method} {path} answered {statuses}: {content!r}")
    return content
