"""``manage.py prepare_local``: what ``run_local`` needs done in the backend's environment."""

from __future__ import annotations

import io
import json
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from sandbox.local import accounts


class Command(BaseCommand):
    """Prints the accounts as one JSON object, and nothing else, on stdout: secrets, for a pipe.

    One process for all of it, since each start of Django costs most of a second.
    """

    help = (
        "Migrates the database, sets the storage up and makes the accounts of one local run. "
        "Example: DJANGO_DEBUG=true manage.py prepare_local > var/accounts.json"
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("setup_storage", stdout=io.StringIO())
        self.stdout.write(json.dumps(accounts.make()))
