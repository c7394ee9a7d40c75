"""Reads the environment for ``solarium.settings``; the only module that knows its spelling."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from base64 import urlsafe_b64encode
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

# Read by bin/serve; the threads also by the settings, where the slots are shares of them.
SERVER_NUMBERS = {"PORT": 8000, "SERVE_WORKERS": 2, "SERVE_THREADS": 400}

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def text(name: str, default: str = "") -> str:
    """Return a value without the stray spaces and quotes that break keys; empty means not set."""
    return _one_line(name, _raw(name)) or default


def _raw(name: str) -> str:
    return os.environ.get(name, "").strip().strip("\"'").strip()


def _one_line(name: str, value: str) -> str:
    """Refuse here what no header and no URL can hold: else the first call would."""
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise ImproperlyConfigured(f"{name} holds a control character, or is not UTF-8.")
    return value


def secret(name: str, default: str = "") -> str:
    """Return a secret from ``NAME``, or from the file that ``NAME_FILE`` names."""
    return _one_line(name, _raw_secret(name, default))


def _raw_secret(name: str, default: str) -> str:
    path = text(f"{name}_FILE")
    if not path:
        return _raw(name) or default
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as err:
        raise ImproperlyConfigured(f"{name}_FILE: {err.strerror}.") from err
    except UnicodeDecodeError:
        raise ImproperlyConfigured(f"{name}_FILE: not UTF-8.") from None  # its text is the secret


def secrets(name: str, default: str = "") -> list[str]:
    """Return comma-separated secrets, newest first; lines may break after a comma."""
    return _parts(name, _raw_secret(name, default))


def names(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list; lines may break after a comma."""
    return _parts(name, _raw(name) or default)


def _parts(name: str, value: str) -> list[str]:
    return [_one_line(name, part.strip()) for part in value.split(",") if part.strip()]


def whole(name: str, default: int, *, least: int = 0) -> int:
    """Return a whole number that is not below the least that makes sense."""
    raw = text(name, str(default))
    if not _is_whole(raw) or int(raw) < least:
        from_there = f" from {least} on" if least else ""
        raise ImproperlyConfigured(f"{name} must be a whole number{from_there}, not {raw[:20]!r}.")
    return int(raw)


def wholes(name: str, default: str) -> list[int]:
    """Return comma-separated whole numbers."""
    parts = names(name, default)
    if not all(map(_is_whole, parts)):
        raise ImproperlyConfigured(f"{name} must be whole numbers with commas between.")
    return [int(part) for part in parts]


def _is_whole(value: str) -> bool:
    return re.fullmatch(r"[0-9]{1,18}", value) is not None


def seconds(name: str, default: float) -> float:
    """Return a length of time in seconds."""
    raw = text(name, str(default))
    if not re.fullmatch(r"[0-9]{0,9}\.?[0-9]{1,9}|[0-9]{1,9}\.", raw):
        raise ImproperlyConfigured(f"{name} must be a number, not {raw[:20]!r}.")
    return float(raw)


def yes_or_no(name: str, default: bool) -> bool:
    """Return a switch."""
    raw = text(name, str(default)).lower()
    if raw not in ("true", "false", "1", "0", "yes", "no", "on", "off"):
        raise ImproperlyConfigured(f"{name} must be true or false, not {raw[:20]!r}.")
    return raw in ("true", "1", "yes", "on")


def url(name: str, default: str = "") -> str:
    """Return a base URL without its trailing slash."""
    return _url(name, text(name, default)).rstrip("/")


def secret_url(name: str) -> str:
    """Return a URL that is a secret or holds one, as `secret`."""
    return _url(name, secret(name))


def _url(name: str, value: str) -> str:
    try:
        urlsplit(value).port  # noqa: B018  (reads it, and raises where it is no number)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is no URL.") from None  # its text may be a secret
    return value


def derived(secret_key: str, purpose: str) -> str:
    """Return a key for development that follows from the secret key."""
    return hashlib.sha256(f"{purpose}|{secret_key}".encode()).hexdigest()


def derived_fernet(secret_key: str, purpose: str) -> str:
    """Return a Fernet key for development that follows from the secret key."""
    return urlsafe_b64encode(bytes.fromhex(derived(secret_key, purpose))).decode()


def is_https(value: str) -> bool:
    """Whether a URL is https."""
    return urlsplit(value).scheme == "https"
