"""``manage.py setup_storage``: makes the storage account what it should be."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations import conf, correlation, storage
from integrations.errors import GatewayError, GatewayMisconfigured


class Command(BaseCommand):
    """Prints what it changed, and the commands for what only Azure's management API can set."""

    help = (
        "Makes the container, private; sets CORS for CORS_ALLOWED_ORIGINS in place of every other "
        "rule, and soft delete for AZURE_SOFT_DELETE_DAYS. Prints the az commands for the rest: "
        "fill in the resource group. Safe to repeat. Example: manage.py setup_storage --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        correlation.bind_correlation_id(str(uuid.uuid4()))
        try:
            found = storage.look()
            if not options["dry_run"]:
                for difference in found:
                    storage.put_right(difference)
            account = conf.client("blob").account_name
        except GatewayMisconfigured as err:
            raise CommandError(str(err)) from None
        except GatewayError as err:
            raise CommandError(
                f"The storage does not do it ({type(err).__name__}, {err.provider_code}). What was "
                "set stays; run this again. A managed identity needs the role Storage Account "
                "Contributor for this, or use az."
            ) from None
        report = {
            "dryRun": options["dry_run"],
            "changes": [asdict(difference) for difference in found],
            "warnings": [] if conf.storage_wishes().origins else [storage.NO_ORIGINS],
            "commands": az_commands(account=account, days=conf.storage_wishes().soft_delete_days),
        }
        if options["json"]:
            self.stdout.write(json.dumps(report, indent=2))
        else:
            self._print(report)

    def _print(self, report: dict[str, Any]) -> None:
        would = "would become" if report["dryRun"] else "is now"
        for each in report["changes"]:
            self.stdout.write(f"{each['setting']}: {each['found']}; {would}: {each['wanted']}")
        if not report["changes"]:
            self.stdout.write("Container, soft delete and CORS are as they should be.")
        for warning in report["warnings"]:
            self.stderr.write(warning)
        self.stdout.write("\nThe rest, by somebody who may manage the account:")
        for command in report["commands"]:
            self.stdout.write(command)


def az_commands(*, account: str, days: int) -> list[str]:
    """Return what Azure's management API alone can set, for a POSIX shell.

    Args:
        days: How long earlier versions and a deleted container are kept.
    """
    where = f'--account-name {account} --resource-group "$RESOURCE_GROUP"'
    policy = {
        "rules": [
            {
                "enabled": True,
                "name": "old-versions",
                "type": "Lifecycle",
                "definition": {
                    "filters": {"blobTypes": ["blockBlob"]},
                    "actions": {
                        "version": {"delete": {"daysAfterCreationGreaterThan": days}},
                        "snapshot": {"delete": {"daysAfterCreationGreaterThan": days}},
                    },
                },
            }
        ]
    }
    return [
        f"az storage account update {where.replace('--account-name', '--name')} "
        "--https-only true --min-tls-version TLS1_2 --allow-blob-public-access false",
        f"az storage account blob-service-properties update {where} --enable-versioning true "
        f"--enable-container-delete-retention true --container-delete-retention-days {days}",
        f"az storage account management-policy create {where} --policy '{json.dumps(policy)}'",
    ]
