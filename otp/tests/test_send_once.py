"""``Idempotency-Key`` on sendOTP: an answer that got lost can be asked for again."""

from __future__ import annotations

import uuid

import pytest
from django.db import OperationalError
from django.utils import timezone

from api import idempotency_store
from api.models import IdempotencyRecord
from otp.models import Challenge
from otp.tests.once_world import BODY, KEY, NO, URL, send, without_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(timezone.now())
    return time_machine


class TestReplay:
    def test_same_key_and_body_get_the_same_answer_and_no_sms(self, api_client, wire):
        """Within the pause, too: the limits do not see it."""
        wire.msg91_accepts()
        first = send(api_client)
        asked = str(uuid.uuid4())

        again = send(api_client, HTTP_X_REQUEST_ID=asked)

        assert (first.status_code, again.status_code) == (200, 200)
        assert without_id(again) == without_id(first)
        assert list(again.json()) == list(first.json())
        assert again["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed" not in first
        assert again.json()["correlationId"] == again["X-Request-ID"] == asked
        assert len(wire.mock.calls) == Challenge.objects.count() == 1

    def test_the_answer_stays_as_it_was(self, api_client, wire, clock):
        wire.msg91_accepts()
        first = send(api_client)
        clock.shift(24 * 3600 - 5)

        again = send(api_client)

        assert without_id(again) == without_id(first)
        assert again.json()["expiresIn"] == 120

    def test_after_24_hours_the_key_is_new(self, api_client, wire, clock):
        wire.msg91_accepts()
        first = send(api_client)
        clock.shift(24 * 3600 + 5)

        again = send(api_client, body={**BODY, "app": "CPAPP"})

        assert again.status_code == 200
        assert "Idempotent-Replayed" not in again
        assert again.json()["challengeId"] != first.json()["challengeId"]

    def test_order_and_blanks_do_not_matter(self, api_client, wire):
        wire.msg91_accepts()
        send(api_client)
        other = '{ "app" :"CUSTAP",\n "phone": "\\u002b919876543210"}'

        again = api_client.generic(
            "POST", URL, other, content_type="application/json", HTTP_IDEMPOTENCY_KEY=KEY
        )

        assert (again.status_code, again["Idempotent-Replayed"]) == (200, "true")

    @pytest.mark.parametrize(
        "other",
        [
            {**BODY, "app": "CPAPP"},
            {**BODY, "phone": "9876543210"},
            {**BODY, "phone": "9800000001"},
        ],
    )
    def test_another_body_is_refused(self, api_client, wire, other):
        wire.msg91_accepts()
        send(api_client)

        refused = send(api_client, body={**BODY, **other})

        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
        assert refused["Content-Type"].startswith("application/problem+json")
        assert len(wire.mock.calls) == 1

    def test_another_key_and_none_are_requests_of_their_own(self, api_client, wire, settings):
        settings.OTP_COOLDOWN_SECONDS = []
        wire.msg91_accepts()

        answers = [send(api_client), send(api_client, KEY.upper()), api_client.post(URL, BODY)]

        assert len({answer.json()["challengeId"] for answer in answers}) == 3

    def test_a_bad_form_comes_before_the_key(self, api_client, wire):
        wire.msg91_accepts()
        send(api_client)

        bad = send(api_client, body={**BODY, "phone": 1})

        assert (bad.status_code, bad.json()["code"]) == (400, "validation_error")


class TestHeader:
    @pytest.mark.parametrize("key", ["a", "k" * 128, "!~{}\"\\';--%00"])
    def test_visible_ascii_is_taken(self, api_client, wire, key):
        wire.msg91_accepts()

        send(api_client, key)

        assert send(api_client, key)["Idempotent-Replayed"] == "true"

    @pytest.mark.parametrize(
        "key",
        ["", "k" * 129, " ", "a b", "a\tb", "a\x00", "a\n", "a\x7f", "clé", "कुंजी", "\udcff"],
        ids=ascii,
    )
    def test_anything_else_is_named_and_nothing_sent(self, api_client, wire, key):
        refused = send(api_client, key)

        assert (refused.status_code, refused.json()["code"]) == (400, "validation_error")
        assert [error["field"] for error in refused.json()["errors"]] == ["Idempotency-Key"]
        assert not wire.mock.calls
        assert not Challenge.objects.exists()
        assert not IdempotencyRecord.objects.exists()


class TestOnly200IsKept:
    @pytest.mark.parametrize(
        ("answer", "status"),
        [
            ({"status": 500}, 503),
            ({"status": 401, "json": NO}, 502),
        ],
    )
    def test_a_provider_that_refuses_frees_the_key(self, api_client, wire, answer, status):
        wire.msg91_answers(**answer)
        failed = send(api_client)
        wire.mock.reset()
        wire.msg91_accepts()

        again = send(api_client)

        assert (failed.status_code, again.status_code) == (status, 200)
        assert "Idempotent-Replayed" not in again

    def test_a_limit_frees_the_key(self, api_client, wire, clock):
        wire.msg91_accepts()
        api_client.post(URL, BODY)

        refused = send(api_client)
        clock.shift(31)
        again = send(api_client, body={**BODY, "app": "CPAPP"})

        assert (refused.status_code, again.status_code) == (429, 200)
        assert "Idempotent-Replayed" not in again

    def test_a_bad_form_leaves_the_key_free(self, api_client, wire):
        wire.msg91_accepts()

        assert send(api_client, body={"phone": "1"}).status_code == 400
        assert not IdempotencyRecord.objects.exists()
        assert send(api_client).status_code == 200

    def test_a_fault_of_ours_frees_the_key(self, api_client, wire, monkeypatch):
        from otp import services

        def fail(**kwargs):
            raise ZeroDivisionError

        api_client.raise_request_exception = False
        with monkeypatch.context() as patch:
            patch.setattr(services, "request_code", fail)
            failed = send(api_client)
        wire.msg91_accepts()

        assert (failed.status_code, send(api_client).status_code) == (500, 200)


def test_an_answer_that_cannot_be_kept_is_given(api_client, wire, monkeypatch):
    """The SMS went out: an error would only make the caller ask for a second one."""

    def fail(*_, **__):
        raise OperationalError

    wire.msg91_accepts()
    monkeypatch.setattr(idempotency_store, "keep", fail)

    answer = send(api_client)

    assert answer.status_code == 200
    assert Challenge.objects.filter(pk=answer.json()["challengeId"], state="accepted").exists()


def test_neither_key_nor_phone_nor_code_is_kept(api_client, wire):
    """S3."""
    wire.msg91_accepts()

    send(api_client)

    row = IdempotencyRecord.objects.values().get()
    for secret in (KEY, BODY["phone"], BODY["phone"][3:], wire.codes()[-1]):
        assert secret not in str(row)
