"""Bodies that a stranger may send as delivery reports: anything, and what is nearly right."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st

from integrations.models import DeliveryEvent
from integrations.reports.values import AHEAD, TEXT_LENGTH, Report

NUMBER, REQUEST_ID = "919812345678", "346a6d6b426b303131363530"
ADDRESS, MAIL_ID = "asha.rao@solarium.example", "Ua9z9lSTSaqYBWJe_Xfc-Q"

TEXTS = ["\0", "\ud800", "x\0\ud800y", "z" * 2000, "\U0001f600" * 300, "a@b\0.example", "1|2"]
DIGITS = ["٣" * 12, "9" * 16, "+", NUMBER, 10**400, -(10**15), 253402300800, 1e308, -0.5]
TIMES = ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"]
LEAKS = [ADDRESS, f"mail to {ADDRESS} " * 20, f"{NUMBER} said no. " * 20]
STRANGE = st.one_of(*map(st.sampled_from, (TEXTS, DIGITS, TIMES, LEAKS, [[], {}, None, True])))
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), STRANGE, STRANGE
)
FIELDS = st.sampled_from(
    [
        *("requestId", "number", "telNum", "status", "desc", "description", "failedReason"),
        *("failureReason", "date", "deliveryTime", "requestedAt", "CRQID", "senderId", "event"),
        *("sg_event_id", "sg_message_id", "email", "timestamp", "type", "reason", "response"),
        *("app_msg_id",),
    ]
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda each: st.one_of(
        st.lists(each, max_size=3),
        st.dictionaries(
            st.one_of(FIELDS, st.just("report"), st.text(max_size=5)), each, max_size=3
        ),
    ),
    max_leaves=8,
)
WRONG = st.one_of(STRANGE, STRANGE, ANY_JSON)

CODES = st.sampled_from(["1", "2", "8", "9", "16", "17", "25", "26", 1, 2, 8.0])
WORDS = st.sampled_from(["DELIVERED", "Failed", "rejected", "Undelivered", "submitted", ""])
V3_ROWS = st.fixed_dictionaries(
    {
        "requestId": st.just(REQUEST_ID),
        "number": st.sampled_from([NUMBER, int(NUMBER), f"+{NUMBER}"]),
        "date": st.integers(10, 23).map("2026-11-24 {}:06:20".format),
        "status": CODES,
        "desc": WORDS,
        "CRQID": st.just("0"),
    }
)
NEW_ROWS = st.fixed_dictionaries(
    {
        "requestId": st.just(REQUEST_ID),
        "telNum": st.just(NUMBER),
        "status": WORDS,
        "deliveryTime": st.just("2026-11-24T04:36:20.000Z"),
        "failureReason": st.sampled_from(["", f"Failed for +{NUMBER}"]),
    }
)
V4_ROWS = st.just({"data": [{"meta": "0", "description": "DELIVERED"}], "event": "delivered"})
EVENTS = st.fixed_dictionaries(
    {
        "email": st.sampled_from([ADDRESS, ADDRESS.upper()]),
        "timestamp": st.integers(1_763_900_000, 1_795_500_000),
        "event": st.sampled_from(
            ["processed", "deferred", "delivered", "spamreport", "bounce", "dropped", "open"]
        ),
        "type": st.sampled_from(["bounce", "blocked"]),
        "reason": st.sampled_from(["", "Bounced Address", f"550 <{ADDRESS}>: no such user"]),
        "sg_event_id": st.uuids().map(str),
        "sg_message_id": st.just(f"{MAIL_ID}.filter0001.16648.5515E0B88.0"),
        "app_msg_id": st.uuids().map(str),
    }
)


@st.composite
def nearly(draw: st.DrawFn, rows: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    """Up to three fields of a row are something else, one is new, one is missing."""
    row = dict(draw(rows))
    names = st.sampled_from(sorted(row))
    row |= draw(st.dictionaries(names, WRONG, max_size=3))
    row |= draw(st.dictionaries(FIELDS, WRONG, max_size=1))
    gone = draw(st.sets(names, max_size=1))
    return {name: value for name, value in row.items() if name not in gone}


def _group(rows: list[Any]) -> dict[str, Any]:
    return {"senderId": "SOLRIM", "requestId": REQUEST_ID, "report": rows}


NEAR_ROWS = nearly(st.one_of(V3_ROWS, NEW_ROWS, V4_ROWS))
SEVERAL = st.lists(st.one_of(NEAR_ROWS, ANY_JSON), max_size=4)
NEAR_MSG91 = st.one_of(NEAR_ROWS, SEVERAL, SEVERAL.map(_group), SEVERAL.map(lambda r: [_group(r)]))
NEAR_SENDGRID = st.lists(st.one_of(nearly(EVENTS), nearly(EVENTS), ANY_JSON), max_size=4)


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def as_form(value: Any) -> bytes:
    """MSG91's v2: a field of a form."""
    return urlencode({"x": 1, "data": json.dumps(value)}).encode()


def _damage(body: bytes, at: int, length: int, junk: bytes) -> bytes:
    at %= len(body) + 1
    return body[:at] + junk + body[at + length :]


def bodies(values: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """Any bytes, any JSON, and these values: as JSON, as a form, and with some bytes changed."""
    written = st.builds(
        lambda write, value: write(value),
        st.sampled_from([as_json, as_form, lambda value: b"\xef\xbb\xbf" + as_json(value)]),
        st.one_of(values, values, ANY_JSON),
    )
    damaged = st.builds(
        _damage, written, st.integers(0, 2000), st.integers(0, 3), st.binary(max_size=3)
    )
    return st.one_of(written, written, damaged, st.binary(max_size=60))


ANY_BODY: Mapping[str, st.SearchStrategy[bytes]] = {
    "msg91": bodies(NEAR_MSG91),
    "sendgrid": bodies(NEAR_SENDGRID),
}


def assert_well_formed(report: Report, *, provider: str, now: datetime) -> None:
    """Every database takes it, and nothing in it was believed that cannot be."""
    texts = [report.event_id, report.kind, report.reason, report.recipient, report.reference]
    texts += [report.correlation_id, *report.message_ids]
    for text in texts:
        assert isinstance(text, str)
        assert "\0" not in text
        assert len(text.encode()) <= 4 * TEXT_LENGTH  # lone surrogates raise
        assert len(text) <= TEXT_LENGTH
    assert 0 < len(report.event_id) <= 100
    assert all(report.message_ids)
    assert report.state in DeliveryEvent.State.values
    assert report.at.tzinfo is UTC
    assert report.at <= now + AHEAD
    if provider == "msg91":
        assert re.fullmatch(r"\+[0-9]{1,15}", report.recipient)
        assert not report.suppresses
    else:
        assert "@" in report.recipient
        assert report.recipient == report.recipient.lower()
        assert len(report.recipient) <= 254
