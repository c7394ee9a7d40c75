"""All that is held about one person: handing it out, and erasing it (DPDP, S57)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import retention as accounts
from accounts import security_events
from accounts.models import SecurityEvent, User
from documents import retention as documents
from integrations import retention as integrations
from integrations.redact import fingerprint
from otp import retention as otp


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A person: the phones (E.164) and addresses (lower case) that lead to them, the account."""

    phones: tuple[str, ...]
    emails: tuple[str, ...]
    user: User | None

    @property
    def fingerprints(self) -> list[str]:
        """By these rows about the person are found, also where they name nobody any more."""
        return [fingerprint(each) for each in (*self.phones, *self.emails)]

    @property
    def is_known(self) -> bool:
        """Whether anything at all is on record."""
        return (
            self.user is not None
            or any(otp.is_known(phone_e164=phone) for phone in self.phones)
            or integrations.is_known(fingerprints=self.fingerprints)
            or accounts.events_about(user_id=None, fingerprints=self.fingerprints).exists()
        )


@dataclass(kw_only=True)
class Receipt:
    """What was done for a person, table by table; kept by whoever asked for it.

    ``failed``: files that are still there, each with the reason; the account then keeps its phone
    and address, so that running it again finds them. ``kept``: ids of files of others.
    """

    fingerprints: list[str]
    tables: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def add(self, *, table: str, done: str, rows: int) -> None:
        self.tables.append({"table": table, "done": done, "rows": rows})


def find(*, phone: str = "", email: str = "") -> Subject:
    """Return the person behind a phone (E.164) or an address (lower case): one of them is given.

    An account leads from one to the other.
    """
    user = User.objects.filter(**({"phone": phone} if phone else {"email": email})).first()
    phones = {phone, (user.phone or "") if user else ""} - {""}
    emails = {email, (user.email or "") if user else ""} - {""}
    return Subject(phones=tuple(sorted(phones)), emails=tuple(sorted(emails)), user=user)


def export(subject: Subject, *, now: datetime) -> dict[str, Any]:
    """Return everything that is held about a person, and record that it was handed out."""
    user = subject.user
    held: dict[str, Any] = {
        "exportedAt": now,
        "phones": list(subject.phones),
        "emails": list(subject.emails),
        "account": accounts.describe_account(user=user) if user else None,
        "references": documents.list_references(user=user) if user else [],
        "documents": documents.list_documents(user=user) if user else [],
        "links": documents.list_grants(user=user) if user else [],
        "challenges": [
            row for phone in subject.phones for row in otp.list_challenges(phone_e164=phone)
        ],
        "demoNumbers": [
            row for phone in subject.phones for row in otp.list_demo_numbers(phone_e164=phone)
        ],
        "calls": integrations.list_calls(fingerprints=subject.fingerprints),
        "deliveryEvents": integrations.list_delivery_events(fingerprints=subject.fingerprints),
        "suppressions": integrations.list_suppressions(fingerprints=subject.fingerprints),
        "events": accounts.list_events(
            user_id=user.pk if user else None, fingerprints=subject.fingerprints
        ),
    }
    counts = {name: len(rows) for name, rows in held.items() if isinstance(rows, list)}
    _record(subject, SecurityEvent.Kind.SUBJECT_EXPORTED, SecurityEvent.Result.OK, counts)
    return held


def erase(subject: Subject, *, now: datetime, dry_run: bool) -> Receipt:
    """Blank or remove what tells who a person is; audit rows keep the keyed fingerprint.

    Safe to repeat, also after it was killed half-way. Files go one by one, outside of any
    transaction. The account comes last: it is what the rest is found by.
    """
    user = subject.user
    receipt = Receipt(fingerprints=subject.fingerprints)
    if user is not None:
        if not dry_run:
            accounts.close_account(user=user)
        files = documents.erase_documents(user=user, now=now, dry_run=dry_run)
        receipt.failed, receipt.kept = files.failed, files.kept
        receipt.add(
            table="documents.Document",
            done="file deleted, name and digests blanked",
            rows=files.erased,
        )
        receipt.add(
            table="documents.SASGrant",
            done="address blanked",
            rows=documents.blank_grants(user=user, dry_run=dry_run),
        )
    _erase_traces(subject, receipt, dry_run=dry_run)
    return receipt


def _erase_traces(subject: Subject, receipt: Receipt, *, dry_run: bool) -> None:
    user = subject.user
    with transaction.atomic():
        for table, done, rows in _blank_rows(subject, dry_run=dry_run):
            receipt.add(table=table, done=done, rows=rows)
        if user is not None and not receipt.failed:
            receipt.add(
                table="accounts.User",
                done="disabled, sessions ended; name, phone, email, password, second factor gone",
                rows=1,
            )
            if not dry_run:
                accounts.blank_account(user=user)
        if not dry_run:
            _record_erasure(subject, receipt)


def _blank_rows(subject: Subject, *, dry_run: bool) -> Iterator[tuple[str, str, int]]:
    """Take the person out of what is kept; yield table, what was done, and to how many rows."""
    fingerprints = subject.fingerprints
    yield (
        "otp.Challenge",
        "number replaced by its fingerprint, digest and address blanked",
        sum(otp.erase_phone(phone_e164=phone, dry_run=dry_run) for phone in subject.phones),
    )
    yield (
        "integrations.GatewayCall",
        "masked recipient blanked",
        integrations.blank_calls(fingerprints=fingerprints, dry_run=dry_run),
    )
    yield (
        "integrations.DeliveryEvent",
        "masked recipient and reason blanked",
        integrations.blank_delivery_events(fingerprints=fingerprints, dry_run=dry_run),
    )
    yield (
        "integrations.Suppression",
        "masked address and reason blanked; no mail goes there still",
        integrations.blank_suppressions(fingerprints=fingerprints, dry_run=dry_run),
    )
    user_id = subject.user.pk if subject.user else None
    yield (
        "accounts.SecurityEvent",
        "mask and address blanked",
        accounts.blank_events(user_id=user_id, fingerprints=fingerprints, dry_run=dry_run),
    )
    yield (
        "axes.AccessAttempt",
        "failed logins of the admin deleted",
        accounts.delete_failed_logins(fingerprints=fingerprints, dry_run=dry_run),
    )


def _record_erasure(subject: Subject, receipt: Receipt) -> None:
    result = SecurityEvent.Result.REFUSED if receipt.failed else SecurityEvent.Result.OK
    counts = {each["table"].partition(".")[2]: each["rows"] for each in receipt.tables}
    counts |= {"failed": len(receipt.failed), "kept": len(receipt.kept)}
    _record(subject, SecurityEvent.Kind.SUBJECT_ERASED, result, counts)
    # The record itself is made with a mask, as all are.
    accounts.blank_events(user_id=None, fingerprints=subject.fingerprints, dry_run=False)


def _record(
    subject: Subject,
    kind: SecurityEvent.Kind,
    result: SecurityEvent.Result,
    counts: dict[str, int],
) -> None:
    """Record once for each phone and address: by any of them it is found later."""
    detail = ", ".join(f"{name} {count}" for name, count in counts.items())
    for each in (*subject.phones, *subject.emails):
        security_events.record(kind=kind, result=result, subject=each, detail=detail)
