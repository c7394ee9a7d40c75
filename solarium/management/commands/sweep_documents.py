"""``manage.py sweep_documents``: clears the storage of what was never confirmed."""

from __future__ import annotations

import json
import sys
import uuid
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from accounts import security_events
from accounts.models import SecurityEvent
from documents import sweeping
from integrations import gateways
from solarium import clock
from solarium.progress import Progress


class Command(BaseCommand):
    """Prints how many documents were dealt with."""

    help = (
        "Deletes documents that were not confirmed within 60 minutes, and looks at the path of "
        "every rejected or deleted one until no upload link for it works any more. Run it every "
        "5 minutes; stopped half-way, the next run goes on. Exits with 1 where a file could not be "
        "deleted. Example: manage.py sweep_documents --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        gateways.bind_correlation_id(str(uuid.uuid4()))
        now = timezone.now()
        report: dict[str, Any] = {"dryRun": options["dry_run"], "failed": []}
        problem = ""
        try:
            if not options["dry_run"]:
                clock.refuse_if_off()
            due = {
                "pending": sweeping.overdue(now=now).count(),
                "leftover": sweeping.open_paths().count(),
            }
            report |= due
            if not options["dry_run"]:
                report |= {"pending": 0, "leftover": 0}
                problem = self._sweep(report, now=now, total=sum(due.values()))
        except DatabaseError as err:
            raise CommandError(
                f"The database refused ({type(err).__name__}). Run this again when it is ready."
            ) from err
        except KeyboardInterrupt as err:
            raise CommandError("Stopped; run this again to finish.") from err
        self._print(report, as_json=options["json"])
        if problem or report["failed"]:
            raise CommandError(problem or f"{len(report['failed'])} files could not be deleted.")

    def _sweep(self, report: dict[str, Any], *, now: datetime, total: int) -> str:
        """Fill in the report; return why it stopped early, empty when it did not."""
        progress = Progress(stream=sys.stderr, label="documents", total=total)
        try:
            for step in sweeping.sweep(now=now):
                progress.advance(1)
                report[step.kind] += 1
                if step.failed:
                    report["failed"].append(step.document_id)
        except sweeping.StorageDown as err:
            return f"The storage does not do it ({err}). Run this again when it is ready."
        finally:
            progress.close()
            if report["pending"]:
                security_events.record(
                    kind=SecurityEvent.Kind.DOCUMENT_DELETED,
                    result=SecurityEvent.Result.OK,
                    detail=f"sweep: {report['pending']} that were never confirmed",
                )
        return ""

    def _print(self, report: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report, indent=2))
            return
        would = "would be " if report["dryRun"] else ""
        self.stdout.write(f"{report['pending']:,} never confirmed: {would}deleted.")
        self.stdout.write(f"{report['leftover']:,} open paths: {would}looked at.")
        for document_id in report["failed"]:
            self.stdout.write(f"not deleted: document {document_id}")
