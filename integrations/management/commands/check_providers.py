"""``manage.py check_providers``: proves every key without sending anything."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseFailure

from integrations import conf, encryption, key_list, keys, proofs, redact, storage, transport
from integrations.errors import AttemptFailed, GatewayError, GatewayMisconfigured
from integrations.models import ProviderKey

OK, WARNING, REFUSED, MISSING, UNKNOWN = "ok", "warning", "refused", "missing", "unknown"
BAD = (REFUSED, MISSING)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is known of one key after it was tried; ``detail`` is a sentence or empty."""

    provider: str
    fingerprint: str
    state: str
    result: str
    detail: str


class Command(BaseCommand):
    """One line a key. A provider that does not answer leaves its keys unproved, not refused."""

    help = (
        "Proves every key at its provider without sending anything: those in use, staged and "
        "kept to fall back to. Exits with 1 where a key is refused or missing; what is odd about "
        "the storage is a warning. Example: manage.py check_providers --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        findings: list[Finding] = []
        try:
            for provider in conf.providers():
                found = _examine(provider)
                findings += found
                if not options["json"]:
                    for finding in found:
                        self.stdout.write(_line(finding))
        except GatewayMisconfigured as err:
            raise CommandError(str(err)) from None
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=2))
        bad = sorted({finding.provider for finding in findings if finding.result in BAD})
        if bad:
            raise CommandError(f"A key is refused or missing: {', '.join(bad)}.")


def _line(finding: Finding) -> str:
    parts = (finding.provider, finding.fingerprint, finding.state, finding.result, finding.detail)
    return "  ".join(part for part in parts if part)


def _examine(provider: str) -> list[Finding]:
    if provider == "azure_blob" and not conf.client_of(provider).keys:
        detail = "a managed identity signs; there is no key to prove"
        return [
            Finding(provider=provider, fingerprint="", state="active", result=OK, detail=detail),
            *_storage(key="", state="active"),
        ]
    held = _keys(provider)
    if not held:
        return [
            Finding(
                provider=provider, fingerprint="", state="active", result=MISSING, detail="no key"
            )
        ]
    findings = [_prove(provider, state, key) for state, key in held]
    if provider == "azure_blob" and findings[0].result not in (*BAD, UNKNOWN):
        said = findings[0].detail  # what is wrong with the container, proving the key tells too
        findings += [
            each for each in _storage(key=held[0][1], state=held[0][0]) if each.detail not in said
        ]
    return findings


def _keys(provider: str) -> list[tuple[str, str]]:
    """Return state and key of all that a process may ask with, the one in use first."""
    try:
        rows = list(ProviderKey.objects.filter(provider=provider).exclude(ciphertext=""))
    except DatabaseFailure:
        rows = []
    stored = [
        (row.state, secret)
        for row in sorted(rows, key=lambda row: keys.ORDER.index(row.state))
        if (secret := encryption.decrypt(row.ciphertext)) is not None
    ]
    if any(state == "active" for state, _ in stored):
        return stored
    return [("active", key) for key in key_list.environment(provider)[:1]] + stored


def _prove(provider: str, state: str, key: str) -> Finding:
    detail, result = "", OK
    try:
        warnings = proofs.prove(provider=provider, key=key).warnings
        if warnings:
            detail, result = " ".join(warnings), WARNING
    except proofs.KeyRefused as err:
        detail, result = str(err), REFUSED
    except proofs.NotProved as err:
        detail, result = str(err), UNKNOWN
    return Finding(
        provider=provider,
        fingerprint=redact.key_fingerprint(key),
        state=state,
        result=result,
        detail=detail,
    )


def _storage(*, key: str, state: str) -> list[Finding]:
    try:
        with transport.attempt():
            warnings = storage.risks(conf.client_of("azure_blob"), key=key)
    except (AttemptFailed, GatewayError):
        warnings = ["The settings of the storage could not be read."]
    return [
        Finding(
            provider="azure_blob",
            fingerprint=redact.key_fingerprint(key),
            state=state,
            result=WARNING,
            detail=warning,
        )
        for warning in warnings
    ]
