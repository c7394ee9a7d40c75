"""Delivery reports: whatever the body is, nothing raises and only well-formed reports come out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.reports import msg91, sendgrid
from integrations.reports.values import Unreadable
from integrations.tests.any_reports import (
    ADDRESS,
    ANY_BODY,
    ANY_JSON,
    EVENTS,
    NEW_ROWS,
    NUMBER,
    REQUEST_ID,
    V3_ROWS,
    as_form,
    as_json,
    assert_well_formed,
    nearly,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=30)
MSG91_ROWS = st.one_of(V3_ROWS, NEW_ROWS)
OURS = {"requestId": REQUEST_ID, "number": NUMBER}
JUNK = st.lists(ANY_JSON, max_size=2)
KNOWN_EVENTS = EVENTS.filter(lambda row: row["event"] in sendgrid.STATES)


def read(provider, body, *, now=NOW):
    """Return the reports; only SendGrid's may be refused as a whole."""
    if provider == "msg91":
        return msg91.parse(body, now=now)
    try:
        return sendgrid.parse(body, now=now)
    except Unreadable:
        return []


@pytest.mark.parametrize("provider", ["msg91", "sendgrid"])
@given(data=st.data())
def test_only_well_formed_reports_come_out_and_twice_the_same(provider, data):
    """S40, S41."""
    body = data.draw(ANY_BODY[provider])

    reports = read(provider, body)

    for report in reports:
        assert_well_formed(report, provider=provider, now=NOW)
    assert read(provider, body) == reports
    later = read(provider, body, now=LATER)
    assert [each.event_id for each in later] == [each.event_id for each in reports]


@given(nearly(MSG91_ROWS), st.sampled_from([as_json, as_form]))
def test_msg91_message_and_number_are_enough(row, write):
    (report,) = read("msg91", write({**row, **OURS}))

    assert_well_formed(report, provider="msg91", now=NOW)
    assert (report.message_ids, report.recipient) == ((REQUEST_ID,), f"+{NUMBER}")


@given(nearly(EVENTS), KNOWN_EVENTS)
def test_sendgrid_event_id_and_address_are_enough(row, event):
    names = {name: event[name] for name in ("email", "event", "sg_event_id")}

    (report,) = read("sendgrid", as_json([{**row, **names}]))

    assert_well_formed(report, provider="sendgrid", now=NOW)
    assert (report.event_id, report.recipient) == (event["sg_event_id"], ADDRESS)
    assert report.state == sendgrid.STATES[event["event"]]


@given(JUNK, MSG91_ROWS, JUNK)
def test_msg91_junk_around_a_report_does_not_hide_it(before, row, after):
    (alone,) = read("msg91", as_json(row))
    rows = [*before, row, *after]

    assert alone in read("msg91", as_json(rows))
    assert alone in read("msg91", as_form([{"requestId": "", "report": rows}]))


@given(JUNK, KNOWN_EVENTS, JUNK)
def test_sendgrid_junk_around_an_event_does_not_hide_it(before, event, after):
    (alone,) = read("sendgrid", as_json([event]))

    assert alone in read("sendgrid", as_json([*before, event, *after]))


@given(V3_ROWS, nearly(V3_ROWS), st.integers())
def test_msg91_tells_one_report_by_message_number_and_status_only(row, other, status):
    """S42: however it is written, and whatever else it says."""
    same = {**other, **OURS, "status": str(int(row["status"])), "credit": 1}
    shuffled = dict(sorted(same.items(), reverse=True))
    group = {"requestId": REQUEST_ID, "report": [{k: same[k] for k in same if k != "requestId"}]}
    (report,) = read("msg91", as_json(row))

    for body in (
        as_json(shuffled),
        as_form([group]),
        as_form([shuffled]),
        json.dumps([same], indent=1, ensure_ascii=True).encode(),
    ):
        (again,) = read("msg91", body, now=LATER)
        assert again.event_id == report.event_id

    for change in ({"status": status}, {"number": "919800000002"}, {"requestId": "d" * 24}):
        (another,) = read("msg91", as_json({**same, **change}))
        is_same = change.get("status") == int(row["status"])
        assert (another.event_id == report.event_id) == is_same
