"""Full batches: a handful of statements, also when two come at once."""

from __future__ import annotations

import pytest
from django.test import Client

from integrations.models import DeliveryEvent, GatewayCall, Suppression
from integrations.testing import at_once
from solarium.tests.report_world import (
    event,
    make_mail,
    make_sms,
    post_msg91,
    post_sendgrid,
    v2,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgres,
    pytest.mark.usefixtures("webhooks"),
]
BATCH = 1000


def make_batch(*, of_mail: bool) -> list[GatewayCall]:
    """As many calls as a batch has reports, of one recipient."""
    make = make_mail if of_mail else make_sms
    first = make(provider_message_id=f"{0:024d}", reference=f"r:{0}")
    rows = [
        GatewayCall(
            **{
                field.attname: getattr(first, field.attname)
                for field in GatewayCall._meta.concrete_fields
                if field.attname != "id"
            }
            | {"provider_message_id": f"{n:024d}", "reference": f"r:{n}"}
        )
        for n in range(1, BATCH)
    ]
    return [first, *GatewayCall.objects.bulk_create(rows)]


def test_1000_events_of_sendgrid_take_four_statements(client, statements):
    """S42."""
    calls = make_batch(of_mail=True)
    bounced = {"event": "bounce", "type": "bounce", "reason": "550 no such user"}
    events = [
        event(sg_message_id=f"{call.provider_message_id}.x.1", **(bounced if n % 2 else {}))
        for n, call in enumerate(calls)
    ]
    statements.clear()

    assert post_sendgrid(client, events).status_code == 204

    # Calls, events, where the calls move to, suppressions.
    assert len(statements) == 4, statements
    for state in ("delivered", "undelivered"):
        assert GatewayCall.objects.filter(delivery=state).count() == BATCH // 2
    assert (DeliveryEvent.objects.count(), Suppression.objects.count()) == (BATCH, 1)


def test_1000_reports_of_msg91_take_three_statements(client, statements):
    """S42."""
    calls = make_batch(of_mail=False)
    reports = [
        {"requestId": call.provider_message_id, "status": "1" if n % 2 else "2"}
        for n, call in enumerate(calls)
    ]
    statements.clear()

    assert post_msg91(client, v2(*reports)).status_code == 200

    assert len(statements) == 3, statements
    assert GatewayCall.objects.filter(delivery="delivered").count() == BATCH // 2


def test_a_batch_of_lost_answers_is_settled_in_one_more(client, statements):
    calls = make_batch(of_mail=True)
    GatewayCall.objects.update(outcome="unknown", provider_message_id="")
    events = [
        event(app_msg_id=call.reference, sg_message_id=f"m{n}.x") for n, call in enumerate(calls)
    ]
    statements.clear()

    post_sendgrid(client, events)

    assert len(statements) == 4, statements
    assert GatewayCall.objects.get(reference="r:7").provider_message_id == "m7"
    assert GatewayCall.objects.filter(outcome="accepted", delivery="delivered").count() == BATCH


def test_identical_batches_at_once_make_one_set_of_rows(told):
    """S40, S42."""
    calls = make_batch(of_mail=True)
    bounced = {"event": "bounce", "type": "bounce"}
    events = [
        event(sg_message_id=f"{call.provider_message_id}.x.1", **(bounced if n % 2 else {}))
        for n, call in enumerate(calls)
    ]
    events += [event(email=f"p{n}@solarium.example", **bounced) for n in range(50)]
    del events[BATCH // 2 : BATCH // 2 + 50]
    orders = [events, events[::-1], events[1:] + events[:1], events]

    answers = at_once(len(orders), lambda n: post_sendgrid(Client(), orders[n]).status_code)

    assert answers == {204: len(orders)}
    assert DeliveryEvent.objects.count() == BATCH
    assert Suppression.objects.count() == 51
    assert [len(batch) for batch in told] == [BATCH - 50]


def test_crosswise_orders_never_deadlock():
    calls = make_batch(of_mail=False)[:200]
    reports = [{"requestId": call.provider_message_id, "status": "1"} for call in calls]
    undelivered = [{**each, "status": "2"} for each in reversed(reports)]

    answers = at_once(
        8, lambda n: post_msg91(Client(), v2(*(reports if n % 2 else undelivered))).status_code
    )

    assert answers == {200: 8}
    assert GatewayCall.objects.filter(delivery="delivered").count() == 200
    assert DeliveryEvent.objects.count() == 400
