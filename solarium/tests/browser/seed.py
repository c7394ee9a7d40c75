"""A day as it could have been, for pictures: the same one each time, around a given moment."""

from __future__ import annotations

import math
import random
import uuid
from datetime import datetime, timedelta

from accounts.models import SecurityEvent, User
from accounts.roles import Role
from documents.models import Document
from integrations import redact
from integrations.models import Alert, DeliveryEvent, GatewayCall, ProviderKey
from otp.models import Challenge, Phone

PHONE = "+919812345678"
MINUTES = 24 * 60
OUTAGE = range(22, 31)  # minutes ago, MSG91 answered nothing
REPORTED = 832  # of the codes below, as delivered


def fill(*, now: datetime) -> None:
    """Make calls of a day with one outage of MSG91, codes, uploads, an alert, an old key."""
    dice = random.Random(4)
    GatewayCall.objects.bulk_create(
        call
        for ago in range(MINUTES)
        for call in _calls_of_minute(dice, now - timedelta(minutes=ago), outage=ago in OUTAGE)
    )
    newest = GatewayCall.objects.filter(operation="send_otp", outcome="accepted")
    reported = newest.order_by("-started_at").values_list("pk", flat=True)[:REPORTED]
    GatewayCall.objects.filter(pk__in=list(reported)).update(delivery="delivered")
    _codes(dice, now)
    Alert.objects.create(
        provider="msg91",
        kind=Alert.Kind.FAILURES,
        text="31 calls failed within a minute; the last one by a timeout.",
        opened_at=now - timedelta(minutes=29),
    )
    ProviderKey.objects.create(
        provider="sendgrid",
        fingerprint="5f1c0c3a9be2",
        ciphertext="x",
        state="active",
        source="rotation",
        created_at=now - timedelta(days=97),
        activated_at=now - timedelta(days=97),
        last_used_at=now,
    )
    _one_customer(now)


def _calls_of_minute(dice: random.Random, at: datetime, *, outage: bool) -> list[GatewayCall]:
    busy = 1.2 + math.sin((at.hour + at.minute / 60 - 8) / 24 * 2 * math.pi)
    made = []
    for operation, share in (("send_otp", 5), ("send_email", 1.2), ("get_blob_properties", 1.6)):
        for _ in range(int(busy * share * dice.uniform(0.5, 1.5))):
            ill = dice.random()
            end = ("accepted", "", int(dice.lognormvariate(5.2, 0.4)))
            if outage and operation == "send_otp":
                if ill < 0.3:
                    end = ("unavailable", "timeout", 15004)
                elif ill < 0.85:
                    end = ("refused", "breaker_open", 1)
            elif ill > 0.985:
                end = ("rejected", "RecipientRejected", 180)
            made.append(_call(dice, operation, at, *end))
    return made


def _call(
    dice: random.Random, operation: str, at: datetime, outcome: str, code: str, ms: int
) -> GatewayCall:
    started = at - timedelta(seconds=dice.uniform(20, 59))
    provider, recipient = {
        "send_otp": ("msg91", f"+9198{dice.randrange(10**8):08d}"),
        "send_email": ("sendgrid", f"customer{dice.randrange(999)}@solarium.example"),
        "get_blob_properties": ("azure_blob", f"prod/2026/11/{_uuid(dice)}.pdf"),
    }[operation]
    tries = 3 if code == "timeout" else 0 if outcome == "refused" else 1
    attempt = {
        "started": started.isoformat(),
        "ms": ms // max(tries, 1),
        "httpStatus": None if code == "timeout" else 200,
        "error": code,
    }
    return GatewayCall(
        id=_uuid(dice),
        provider=provider,
        operation=operation,
        outcome=outcome,
        failure=outcome in ("unavailable", "refused"),
        attempts=[attempt] * tries,
        provider_message_id="" if outcome == "refused" else f"{dice.getrandbits(96):024x}",
        provider_code=code,
        recipient_masked=redact.mask_recipient(recipient),
        recipient_fingerprint=redact.fingerprint(recipient),
        correlation_id=str(_uuid(dice)),
        started_at=started,
        finished_at=started + timedelta(milliseconds=ms),
    )


def _uuid(dice: random.Random) -> uuid.UUID:
    return uuid.UUID(int=dice.getrandbits(128), version=4)


def _codes(dice: random.Random, now: datetime) -> None:
    Phone.objects.create(phone_e164="+919800000000", last_request_at=now)
    Challenge.objects.bulk_create(
        Challenge(
            phone_id="+919800000000",
            app=dice.choice(["CUSTAP", "CPAPP"]),
            state="verified" if ill < 0.84 else "accepted" if ill < 0.97 else "failed",
            created_at=at,
            accepted_at=at if ill < 0.97 else None,
            verified_at=at if ill < 0.84 else None,
            client_address="192.0.2.1",
        )
        for number in range(900)
        for at in [now - timedelta(minutes=1.5 * number + 20)]
        for ill in [dice.random()]
    )


def _one_customer(now: datetime) -> None:
    """Somebody who logged in at the second try during the outage and uploaded a document."""
    start = now - timedelta(minutes=25)
    customer = User.objects.create_user(role=Role.CUSTOMER, phone=PHONE, name="Asha Rao")
    Phone.objects.create(phone_e164=PHONE, last_request_at=now)
    _code(start, accepted=False)
    _code(start + timedelta(minutes=4), accepted=True)
    at = start + timedelta(minutes=4, seconds=17)
    SecurityEvent.objects.create(
        kind="login", result="ok", at=at, actor_id=customer.pk, detail="CUSTAP"
    )
    _document(customer, at + timedelta(minutes=3))


def _code(at: datetime, *, accepted: bool) -> None:
    code = Challenge.objects.create(
        phone_id=PHONE,
        app="CUSTAP",
        client_address="192.0.2.1",
        created_at=at,
        state="verified" if accepted else "failed",
        accepted_at=at + timedelta(seconds=1) if accepted else None,
        verified_at=at + timedelta(seconds=17) if accepted else None,
        failed_at=None if accepted else at + timedelta(seconds=19),
    )
    good = {"started": at.isoformat(), "ms": 640, "httpStatus": 200, "error": ""}
    late = {"started": at.isoformat(), "ms": 5001, "httpStatus": None, "error": "timeout"}
    _customer_call(
        at=at,
        recipient=PHONE,
        provider="msg91",
        operation="send_otp",
        outcome="accepted" if accepted else "unavailable",
        provider_code="" if accepted else "timeout",
        attempts=[good] if accepted else [late] * 3,
        reference=f"otp:{code.pk}",
    )
    if accepted:
        DeliveryEvent.objects.create(
            provider="msg91",
            event_id="seen-in-the-picture",
            state="delivered",
            kind="1 DELIVERED",
            recipient_masked=redact.mask_recipient(PHONE),
            recipient_fingerprint=redact.fingerprint(PHONE),
            at=at + timedelta(seconds=5),
            received_at=at + timedelta(seconds=6),
        )


def _document(customer: User, at: datetime) -> None:
    document = Document.objects.create(
        doc_type="KYC",
        uploader=customer,
        file_name="आधार.pdf",
        content_type="application/pdf",
        state="available",
        blob_name="prod/2026/11/4be0643f-1d98-573b-97cd-ca98a65347dd.pdf",
        created_at=at,
    )
    _customer_call(
        at=at + timedelta(minutes=1),
        recipient=document.blob_name,
        provider="azure_blob",
        operation="get_blob_properties",
        outcome="accepted",
        attempts=[{"started": at.isoformat(), "ms": 61, "httpStatus": 200, "error": ""}],
        reference=str(document.pk),
    )


def _customer_call(*, at: datetime, recipient: str, **fields: object) -> None:
    GatewayCall.objects.create(
        recipient_masked=redact.mask_recipient(recipient),
        recipient_fingerprint=redact.fingerprint(recipient),
        correlation_id=str(uuid.uuid5(uuid.NAMESPACE_OID, str(fields["reference"]))),
        started_at=at,
        finished_at=at + timedelta(seconds=1),
        failure=fields["outcome"] != "accepted",
        **fields,
    )
