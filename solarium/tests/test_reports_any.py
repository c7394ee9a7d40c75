"""The webhooks of delivery reports: no body is a fault of ours, no order of reports matters."""

from __future__ import annotations

import base64
import time
import uuid

import pytest
from django.utils import timezone
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from integrations.models import DeliveryEvent, GatewayCall
from integrations.reports import sendgrid
from integrations.reports.values import AHEAD
from integrations.tests.any_reports import ANY_BODY, EVENTS, NEW_ROWS, V3_ROWS, nearly
from solarium.tests.report_world import (
    ADDRESS,
    MSG91,
    NUMBER,
    PUBLIC_KEY,
    SENDGRID,
    event,
    make_mail,
    make_sms,
    post_msg91,
    post_sendgrid,
    sign,
    v3,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("webhooks")]
# Each is a request, or several.
FEWER = settings(settings.default, max_examples=settings.default.max_examples // 4)

CHARSETS = ["utf-8", "utf-16", "rot13", "hex", "zip", "idna", "undefined", "punycode", "nothing"]
KINDS = st.one_of(
    st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", ""]),
    st.builds("multipart/form-data; boundary={}; charset={}".format, st.just("x"),
              st.sampled_from(CHARSETS)),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
)  # fmt: skip
PART_HEADERS = st.sampled_from(
    [
        "",
        "Content-Transfer-Encoding: base64\r\n",
        "Content-Type: text/plain; charset=rot13\r\n",
        "Content-Length: x\r\n",
    ]
)
PARTS = st.builds(
    lambda headers, body: (
        f'--x\r\nContent-Disposition: form-data; name="data"\r\n{headers}\r\n'.encode()
        + body
        + b"\r\n--x--\r\n"
    ),
    PART_HEADERS,
    ANY_BODY["msg91"],
)
STATES = st.sampled_from(["delivered", "undelivered", "underway"])
STATUS = {"delivered": "1", "undelivered": "2", "underway": "8"}
EVENT = {"delivered": "delivered", "undelivered": "bounce", "underway": "deferred"}
# Which of four reports come in which batch: in any order, some again and again, some never.
BATCHES = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4), min_size=1, max_size=4)
AGES = st.lists(st.integers(-200, 4000), min_size=4, max_size=4)


def assert_rows_fit() -> None:
    """What is kept fits its columns on every database."""
    for row in DeliveryEvent.objects.all():
        row.full_clean(exclude=["call_id"])  # may be empty, with no form to say so
        assert "\0" not in row.kind + row.reason + row.recipient_masked
        assert NUMBER not in row.kind + row.reason
        assert ADDRESS not in row.kind + row.reason
        assert row.at <= timezone.now() + AHEAD


def furthest(states: set[str]) -> str:
    return next((each for each in ("delivered", "undelivered") if each in states), "")


@FEWER
@given(st.one_of(ANY_BODY["msg91"], PARTS), KINDS)
def test_msg91_gets_200_whatever_it_sends(client, body, kind):
    """S41."""
    assert client.generic("POST", MSG91, body, content_type=kind).status_code == 200

    assert_rows_fit()


@FEWER
@given(ANY_BODY["sendgrid"], KINDS)
def test_what_sendgrid_signs_is_taken_or_refused(client, body, kind):
    """S40."""
    answer = client.generic("POST", SENDGRID, body, content_type=kind, **sign(body))

    assert answer.status_code in (204, 400, 403)  # 403: not UTF-8
    assert_rows_fit()


@given(
    st.binary(max_size=40),
    st.one_of(st.binary(max_size=80).map(lambda der: base64.b64encode(der).decode()), st.text()),
    st.one_of(st.text(max_size=15), st.just(str(int(time.time())))),
)
def test_nothing_else_is_a_signature(body, signature, timestamp):
    """S40."""
    genuine = {"public_key": PUBLIC_KEY, "now": timezone.now()}
    good = list(sign(body, timestamp=timestamp).values())[0] if timestamp.isascii() else ""
    assume(signature != good)

    assert not sendgrid.is_genuine(body, signature=signature, timestamp=timestamp, **genuine)


@FEWER
@given(nearly(st.one_of(V3_ROWS, NEW_ROWS)))
def test_whatever_else_msg91_says_of_a_message_of_ours_one_row_is_kept(client, told, row):
    DeliveryEvent.objects.all().delete()
    call = make_sms(provider_message_id=uuid.uuid4().hex)
    named = {"requestId": call.provider_message_id, "number": NUMBER}

    assert post_msg91(client, {**row, **named}).status_code == 200

    assert DeliveryEvent.objects.get().call_id == call.pk
    assert_rows_fit()
    assert all(len(report.reason) <= 200 for batch in told for report in batch)


@FEWER
@given(nearly(EVENTS), st.sampled_from(sorted(sendgrid.STATES)))
def test_whatever_else_sendgrid_says_of_a_mail_of_ours_one_row_is_kept(client, told, row, name):
    DeliveryEvent.objects.all().delete()
    call = make_mail()
    named = event(event=name, app_msg_id=call.reference)

    assert post_sendgrid(client, [{**row, **named, "reason": row.get("reason")}]).status_code == 204

    assert DeliveryEvent.objects.get().call_id == call.pk
    assert_rows_fit()
    assert all(len(report.reason) <= 200 for batch in told for report in batch)


@pytest.mark.parametrize("provider", ["msg91", "sendgrid"])
@FEWER
@given(states=st.lists(STATES, min_size=4, max_size=4), ages=AGES, batches=BATCHES)
def test_in_any_order_and_however_often_a_call_ends_in_its_furthest_state(
    client, told, provider, states, ages, batches
):
    """S42."""
    told.clear()
    name, now = uuid.uuid4().hex, int(time.time())
    if provider == "msg91":
        call = make_sms(provider_message_id=name)
        at = [time.strftime("%Y-%m-%d %H:%M:%S+00:00", time.gmtime(now - age)) for age in ages]
        reports = [v3(requestId=name, status=STATUS[states[n]], date=at[n]) for n in range(4)]
        post, ids = post_msg91, states
    else:
        call = make_mail(provider_message_id=name)
        reports = [
            event(sg_message_id=f"{name}.x", event=EVENT[states[n]], timestamp=now - ages[n])
            for n in range(4)
        ]
        post, ids = post_sendgrid, [each["sg_event_id"] for each in reports]

    seen: set[int] = set()
    for batch in batches:
        assert post(client, [reports[n] for n in batch]).status_code in (200, 204)
        seen |= set(batch)
        assert GatewayCall.objects.get(pk=call.pk).delivery == furthest({states[n] for n in seen})

    assert DeliveryEvent.objects.filter(call_id=call.pk).count() == len({ids[n] for n in seen})
    ends = {ids[n] for n in seen if states[n] != "underway"}
    assert sum(map(len, told)) == len(ends)
