"""Phones for people who are made up."""

from __future__ import annotations

import secrets


def some_phone() -> str:
    """Return a number that nobody asked for yet."""
    return f"+9198{secrets.randbelow(10**8):08d}"  # every number behind +91 98 is a mobile one
