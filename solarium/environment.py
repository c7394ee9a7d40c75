"""Reads the environment for ``solarium.settings``; the only module that knows its spelling."""

from __future__ import annotations

import hashlib
import os
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
    return os.environ.get(name, "").strip().strip("\"'").strip() or default


def secret(name: str, default: str = "") -> str:
    """Return a secret from ``NAME``, or from the file that ``NAME_FILE`` names."""
    path = text(f"{name}_FILE")
    if not path:
        return text(name, default)
    try:
        return Path(path).read_text().strip()
    except OSError as err:
        raise ImproperlyConfigured(f"{name}_FILE: {err.strerror}.") from err


def secrets(name: str, default: str = "") -> list[str]:
    """Return comma-separated secrets, newest first."""
    return [part.strip() for part in secret(name, default).split(",") if part.strip()]


def names(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def whole(name: str, default: int) -> int:
    """Return a whole number that is not negative."""
    raw = text(name, str(default))
    if not (raw.isascii() and raw.isdigit()):
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw[:20]!r}.")
    return int(raw)


def wholes(name: str, default: str) -> list[int]:
    """Return comma-separated whole numbers."""
    parts = names(name, default)
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise ImproperlyConfigured(f"{name} must be whole numbers with commas between.")
    return [int(part) for part in parts]


def seconds(name: str, default: float) -> float:
    """Return a length of time in seconds."""
    raw = text(name, str(default))
    try:
        return float(raw)
    except ValueError as err:
        raise ImproperlyConfigured(f"{name} must be a number, not {raw[:20]!r}.") from err


def yes_or_no(name: str, default: bool) -> bool:
    """Return a switch."""
    raw = text(name, str(default)).lower()
    if raw not in ("true", "false", "1", "0", "yes", "no", "on", "off"):
        raise ImproperlyConfigured(f"{name} must be true or false, not {raw[:20]!r}.")
    return raw in ("true", "1", "yes", "on")


def url(name: str, default: str = "") -> str:
    """Return a base URL without its trailing slash."""
    return text(name, default).rstrip("/")


def derived(secret_key: str, purpose: str) -> str:
    """Return a key for development that follows from the secret key."""
    return hashlib.sha256(f"{purpose}|{secret_key}".encode()).hexdigest()


def derived_fernet(secret_key: str, purpose: str) -> str:
    """Return a Fernet key for development that follows from the secret key."""
    return urlsafe_b64encode(bytes.fromhex(derived(secret_key, purpose))).decode()


def is_https(value: str) -> bool:
    """Whether a URL is https."""
    return urlsplit(value).scheme == "https"
