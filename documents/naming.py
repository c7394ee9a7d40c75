"""File names: the one people see, and the one in the storage, which holds nothing of theirs."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from django.conf import settings

MAX_FILE_NAME_LENGTH = 120

# The first extension of a type is the one that we give.
EXTENSIONS: Mapping[str, tuple[str, ...]] = {
    "application/pdf": ("pdf",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
}

_PUNCTUATION = frozenset(" -_.()")


def clean_file_name(value: str) -> str | None:
    """Return the name as it is kept: NFC, runs of spaces made one, none at the ends.

    Letters and marks of every script and digits are fine. Everything else, path separators,
    control and invisible characters (so that no text runs backwards) among it, is not.

    Returns:
        None for a name that is not allowed, is empty, begins with a dot or is too long.
    """
    name = re.sub(" +", " ", unicodedata.normalize("NFC", value)).strip(" ")
    if not name or name.startswith(".") or len(name) > MAX_FILE_NAME_LENGTH:
        return None
    if not all(_is_allowed(character) for character in name):
        return None
    return name


def default_file_name(*, content_type: str) -> str:
    """Return the name of a document that came without one."""
    return f"document.{EXTENSIONS[content_type][0]}"


def download_name(*, file_name: str, content_type: str) -> str:
    """Return the name to save under; its extension is always one of the type's.

    A PDF that was called ``setup.exe`` must not land under that name on somebody's disk.
    """
    extensions = EXTENSIONS[content_type]
    if file_name.rpartition(".")[2].lower() in extensions and "." in file_name:
        return file_name
    return f"{file_name.rstrip('. ')}.{extensions[0]}"


def blob_name(*, document_id: uuid.UUID, content_type: str, now: datetime) -> str:
    """Return the blob's name inside the container, e.g. ``"prod/2026/11/<uuid>.pdf"``."""
    month = now.astimezone(UTC).strftime("%Y/%m")
    return f"{settings.SOLARIUM_ENV}/{month}/{document_id}.{EXTENSIONS[content_type][0]}"


def path_of(*, blob: str) -> str:
    """Return container and blob, as clients see it."""
    return f"{settings.AZURE_STORAGE_CONTAINER}/{blob}"


def _is_allowed(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd" or character in _PUNCTUATION
