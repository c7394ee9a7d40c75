"""``manage.py subject_data {export,erase}``: what is held about one person."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accounts.commands import OpsCommand, read_email, read_phone
from accounts.retention import is_staff_account
from integrations import gateways
from solarium import subjects

ACTIONS = ("export", "erase")


class Command(OpsCommand):
    """Prints the person's data, or the receipt of what was erased."""

    help = (
        "Hands out, or erases, everything that is held about one person. export prints JSON; erase "
        "prints a receipt and exits with 1 while a file is left: then run it again. "
        'Example: manage.py subject_data erase --phone "98765 43210" --dry-run'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", nargs="?", default="", help=" or ".join(ACTIONS))
        parser.add_argument("--phone", default="", help="a mobile number in any common spelling")
        parser.add_argument("--email", default="")
        parser.add_argument(
            "--output", default="", metavar="FILE", help="export: a new file, for you alone"
        )
        parser.add_argument("--dry-run", action="store_true", help="erase: only say what would go")
        parser.add_argument("--json", action="store_true", help="erase: print one JSON object")

    def act(self, options: dict[str, Any]) -> None:
        action = options["action"]
        if action not in ACTIONS:
            raise CommandError("Say what to do: export or erase.")
        if options["output"] and action != "export":
            raise CommandError("--output belongs to export.")
        if options["dry_run"] and action != "erase":
            raise CommandError("--dry-run belongs to erase: export changes nothing.")
        subject = self._subject(options["phone"], options["email"])
        if action == "export":
            self._export(subject, options["output"])
            return
        receipt = self._erase(subject, dry_run=options["dry_run"])
        self._print(receipt, dry_run=options["dry_run"], as_json=options["json"])
        if receipt.failed:
            raise CommandError(
                f"{len(receipt.failed)} files are not erased yet, nor is the account; "
                "run this again."
            )

    def _subject(self, phone: str, email: str) -> subjects.Subject:
        if bool(phone) == bool(email):
            raise CommandError("Give --phone or --email, one of them.")
        subject = subjects.find(phone=read_phone(phone), email=read_email(email))
        if not subject.is_known:
            raise CommandError("Nothing is held about this person.")
        return subject

    def _export(self, subject: subjects.Subject, output: str) -> None:
        if not output:
            self.stdout.write(self._held(subject))
            return
        try:  # first of all: what cannot be written is not recorded as handed out
            file = open(output, "x", encoding="utf-8", opener=_open_for_owner)  # noqa: SIM115
        except OSError as err:
            raise CommandError(f"{output} cannot be made: {err.strerror}.") from err
        with ExitStack() as undo:
            undo.callback(Path(output).unlink)  # a half one would be in the way of the next run
            try:
                with file:
                    file.write(self._held(subject) + "\n")
            except OSError as err:
                raise CommandError(f"{output} cannot be written: {err.strerror}.") from err
            undo.pop_all()
        self.stderr.write(f"Written to {output}, readable for you alone.")

    def _held(self, subject: subjects.Subject) -> str:
        held = subjects.export(subject, now=timezone.now())
        return json.dumps(held, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)

    def _erase(self, subject: subjects.Subject, *, dry_run: bool) -> subjects.Receipt:
        user = subject.user
        if user is not None and is_staff_account(user=user):
            raise CommandError(
                f"This is an account of staff ({user.role}). Make it a CUSTOMER first "
                "(manage.py create_user), then run this again."
            )
        return subjects.erase(subject, now=timezone.now(), dry_run=dry_run)

    def _print(self, receipt: subjects.Receipt, *, dry_run: bool, as_json: bool) -> None:
        if as_json:
            report = {
                "dryRun": dry_run,
                "complete": not receipt.failed,
                "correlationId": gateways.correlation_id(),
                "fingerprints": receipt.fingerprints,
                "tables": receipt.tables,
                "failed": receipt.failed,
                "kept": receipt.kept,
            }
            self.stdout.write(json.dumps(report, indent=2))
            return
        self.stdout.write("Would be erased:" if dry_run else "Receipt of erasure")
        self.stdout.write(f"Correlation id: {gateways.correlation_id()}")
        for fingerprint in receipt.fingerprints:
            self.stdout.write(f"Fingerprint: {fingerprint}")
        for each in receipt.tables:
            self.stdout.write(f"{each['table']:<26} {each['rows']:>6}  {each['done']}")
        for each in receipt.failed:
            self.stdout.write(f"not erased: document {each['documentId']}: {each['reason']}")
        for document_id in receipt.kept:
            self.stdout.write(f"kept: document {document_id}: filed by or for somebody else")


def _open_for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
