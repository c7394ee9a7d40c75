"""``manage.py run_sandbox``: stand-ins of MSG91 and SendGrid."""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sandbox import server


class Command(BaseCommand):
    help = "Stands in for MSG91 and SendGrid on this machine, with an inbox and faults to order."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8025)
        parser.add_argument(
            "--report-to", default="", metavar="URL", help="post MSG91's delivery reports there"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        port = options["port"]
        try:
            asyncio.run(server.serve(port=port, ready=self._tell, report_to=options["report_to"]))
        except (OSError, OverflowError) as err:
            raise CommandError(f"Port {port} cannot be used; choose another with --port.") from err

    def _tell(self, address: str) -> None:
        self.stdout.write(f"Inbox: {address}/inbox   Faults: {address}/faults")
        self.stdout.flush()
