"""``manage.py run_sandbox``: stand-ins of the providers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sandbox import server


class Command(BaseCommand):
    help = (
        "Stands in for the providers on this machine, with an inbox and faults to order. "
        "Example: DJANGO_DEBUG=true manage.py run_sandbox --port 8025"
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8025)
        parser.add_argument(
            "--host",
            default=server.HOST,
            help="in a container 0.0.0.0; whoever reaches it reads all",
        )
        parser.add_argument(
            "--report-to", default="", metavar="URL", help="the backend that gets delivery reports"
        )
        parser.add_argument(
            "--storage", default="", metavar="URL", help="Azurite's address, to stand in front of"
        )
        parser.add_argument(
            "--console",
            type=Path,
            metavar="FILE",
            help="addresses and accounts for the console, as JSON; may be written later",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        port = options["port"]
        try:
            asyncio.run(
                server.serve(
                    host=options["host"],
                    port=port,
                    ready=self._tell,
                    report_to=options["report_to"],
                    config=options["console"],
                    storage=options["storage"],
                )
            )
        except (OSError, OverflowError) as err:
            raise CommandError(
                f"{options['host']}:{port} cannot be used; choose others with --host and --port."
            ) from err

    def _tell(self, address: str) -> None:
        self.stdout.write(
            f"Console: {address}/console/   Inbox: {address}/inbox   Faults: {address}/faults"
        )
        self.stdout.flush()
