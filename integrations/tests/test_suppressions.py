"""Mail to an address that gets none is refused before anything is asked."""

from __future__ import annotations

import pytest
from django.utils import timezone

from integrations import gateways, suppressions
from integrations.models import Alert, GatewayCall, Suppression
from integrations.redact import fingerprint

pytestmark = pytest.mark.django_db
ADDRESS = "asha@solarium.example"


def suppress(address: str = ADDRESS, *, kind: str = "bounce") -> None:
    suppressions.keep(
        [
            {
                "kind": kind,
                "reason": "550 unknown user",
                "recipient_masked": "a***@solarium.example",
                "recipient_fingerprint": fingerprint(address),
                "received_at": timezone.now(),
            }
        ]
    )


def send(*, to: str = ADDRESS, sandbox: bool = False) -> gateways.EmailReceipt:
    return gateways.send_email(
        mail=gateways.OutgoingMail(
            to=to, subject="s", text="t", html="h", kind="system_notice", reference="mail:1",
            sandbox=sandbox,
        )
    )  # fmt: skip


@pytest.mark.parametrize("to", [ADDRESS, ADDRESS.upper(), f" {ADDRESS}"])
def test_nothing_goes_out_and_ops_see_why(wire, to):
    suppress()

    with pytest.raises(gateways.RecipientSuppressed) as refused:
        send(to=to)

    assert isinstance(refused.value, gateways.GatewayRejected)
    assert ADDRESS not in str(refused.value).lower()
    assert len(wire.mock.calls) == 0
    row = GatewayCall.objects.get()
    assert (row.outcome, row.provider_code, row.failure) == ("rejected", "suppressed", False)
    assert (row.attempts, row.reference) == ([], "mail:1")
    assert row.finished_at is not None
    assert not Alert.objects.exists()


def test_other_addresses_and_sandbox_mails_go_out(wire):
    wire.sendgrid_accepts()
    suppress()

    send(to="other@solarium.example")
    wire.mock.reset()
    wire.sendgrid_answers(status=200)
    send(sandbox=True)

    assert set(GatewayCall.objects.values_list("outcome", flat=True)) == {"accepted"}


def test_the_first_reason_stays():
    suppress()
    suppress(kind="spamreport")

    assert Suppression.objects.get().kind == "bounce"


def test_lifted_once_and_recorded(wire, recorded):
    wire.sendgrid_accepts()
    suppress()

    lifted = [
        suppressions.lift(fingerprint=fingerprint(ADDRESS), reason="mailbox is back", actor_id=None)
        for _ in range(2)
    ]

    assert lifted == [True, False]
    assert not gateways.is_suppressed(ADDRESS)
    ((kind, detail),) = recorded
    assert kind == "suppression_lifted"
    assert detail == f"{fingerprint(ADDRESS)[:12]} (bounce): mailbox is back"
    send()


def test_switched_off_or_not_it_is_said_to_be_suppressed(wire):
    """What ops must do about it does not depend on the provider's state."""
    suppress()
    gateways.switch_off(provider="sendgrid", text="Mail is off.", by="ops", actor_id=None)

    with pytest.raises(gateways.RecipientSuppressed):
        send()
