"""What the console has to know about a run, in a file that only its owner reads."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.local.accounts import Accounts
from sandbox.local.setup import ROOT, Places

PATH = ROOT / "var" / "console.json"
ROLES = ("kam", "admin", "customer", "channelPartner")


@contextmanager
def removed_around() -> Iterator[None]:
    """See to it that no file of another run is there, before and after: it holds passwords."""
    PATH.unlink(missing_ok=True)
    try:
        yield
    finally:
        PATH.unlink(missing_ok=True)


def write(*, places: Places, accounts: Accounts) -> None:
    """Write it whole or not at all; `sandbox.console_pages` reads it."""
    config = {
        "backendUrl": places.backend_url,
        "storageUrl": places.storage_url,
        "accounts": {role: accounts[role] for role in ROLES},
    }
    draft = PATH.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(config, file)
    draft.replace(PATH)
