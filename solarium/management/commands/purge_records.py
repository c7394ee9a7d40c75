"""``manage.py purge_records``: removes what was kept long enough."""

from __future__ import annotations

import json
import sys
import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from api.timestamps import timestamp
from integrations import gateways
from solarium import clock, purging
from solarium.progress import Progress


class Command(BaseCommand):
    """Prints what went, kind by kind."""

    help = (
        "Removes records that are older than KEEP_CHALLENGES_DAYS, KEEP_CALLS_DAYS, "
        "KEEP_EVENTS_DAYS, digests of codes older than KEEP_DIGESTS_DAYS, and sessions that are "
        "over. Run it every hour; stopped half-way, the next run goes on. "
        "Example: manage.py purge_records --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        problems = purging.settings_problems()
        if problems:
            raise CommandError(" ".join(problems))
        gateways.bind_correlation_id(str(uuid.uuid4()))
        try:
            if not options["dry_run"]:
                clock.refuse_if_off()
            due = purging.find_due(now=timezone.now())
            gone = [each.count for each in due] if options["dry_run"] else self._purge(due)
        except DatabaseError as err:
            raise CommandError(
                f"The database refused ({type(err).__name__}). What went stays gone; run this "
                "again when the database is ready."
            ) from err
        except KeyboardInterrupt as err:
            raise CommandError("Stopped; run this again to finish.") from err
        rows = [
            {"kind": each.kind.name, "before": timestamp(each.before), "rows": count}
            for each, count in zip(due, gone, strict=True)
        ]
        if options["json"]:
            report = {"dryRun": options["dry_run"], "kinds": rows}
            self.stdout.write(json.dumps(report, indent=2))
        else:
            self._print(rows, would="would go" if options["dry_run"] else "went")

    def _purge(self, due: list[purging.Due]) -> list[int]:
        purging.record(due)
        return [self._purge_kind(each) if each.count else 0 for each in due]

    def _purge_kind(self, due: purging.Due) -> int:
        progress = Progress(stream=sys.stderr, label=due.kind.name, total=due.count)
        gone = 0
        try:
            for count in purging.purge(kind=due.kind, before=due.before):
                gone += count
                progress.advance(count)
        finally:
            progress.close()
        return gone

    def _print(self, rows: list[dict[str, Any]], *, would: str) -> None:
        for row in rows:
            self.stdout.write(f"{row['kind']:<14} {row['rows']:>9,} from before {row['before']}")
        self.stdout.write(f"{sum(row['rows'] for row in rows):,} records {would}.")
