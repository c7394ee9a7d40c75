"""Which links may go into a mail: those to our own sites."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

# Browsers read a backslash as a slash, urlsplit does not; and they drop tabs and newlines.
_PLAIN = re.compile(r"[!-\[\]-~]+")
_DOTS = re.compile(r"(\.|%2e){1,2}", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_own_link(link: str) -> bool:
    """Return whether the link has origin and path prefix of one of our sites.

    Our sites are ``PUBLIC_BASE_URL`` and the entries of ``CORS_ALLOWED_ORIGINS``.
    """
    parts = _split(link)
    if parts is None:
        return False
    bases = (_split(base) for base in (settings.PUBLIC_BASE_URL, *settings.CORS_ALLOWED_ORIGINS))
    return any(base is not None and _is_below(parts, base) for base in bases)


def _split(url: str) -> SplitResult | None:
    if not _PLAIN.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc or port == 0:
        return None
    return parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme]


def _is_below(link: SplitResult, base: SplitResult) -> bool:
    if _origin(link) != _origin(base):
        return False
    prefix = base.path.rstrip("/")
    if not prefix:
        return True
    climbs = any(_DOTS.fullmatch(segment) for segment in link.path.split("/"))
    return not climbs and (link.path == prefix or link.path.startswith(prefix + "/"))
