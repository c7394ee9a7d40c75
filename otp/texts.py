"""The text of a code's SMS, one file per app, and what is registered with the operators (S68)."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final

from accounts.roles import App

FOLDER = Path(__file__).resolve().parent.parent / "templates" / "sms"
APPS: Final = (App.CPAPP, App.CUSTAP)  # staff get no codes by SMS
PLACEHOLDER: Final = "##OTP##"  # as MSG91's panel spells it


def sent_path(app: App) -> Path:
    """Return where the app's text stands, spelled as in MSG91's panel."""
    return FOLDER / f"otp_{app.value.lower()}.txt"


def registered_path(app: App) -> Path:
    """Return where the same text stands as it was registered on the DLT portal."""
    return FOLDER / f"otp_{app.value.lower()}.dlt.txt"


def read(path: Path) -> str:
    """Return a text without the line end of its last line, which is the editor's.

    Raises:
        OSError: The file cannot be read.
        UnicodeDecodeError: It is not UTF-8.
    """
    return path.read_bytes().decode().removesuffix("\n")


def render(*, app: App, code: str) -> str:
    """Return the whole SMS with a code in it; a secret as long as the code lives."""
    return _read_once(sent_path(app)).replace(PLACEHOLDER, code)


_read_once = functools.cache(read)
