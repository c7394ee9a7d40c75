"""``Idempotency-Key`` on sendOTP: requests that meet, and requests that die."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import responses
from django.conf import settings as django_settings
from django.utils import timezone
from rest_framework.test import APIClient

from api import idempotency_store
from api.models import IdempotencyRecord
from integrations.testing import at_once
from otp.models import Challenge
from otp.tests.once_world import NO, YES, send, without_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(time_machine, monkeypatch):
    time_machine.move_to(timezone.now())
    monkeypatch.setattr(idempotency_store, "has_clock", lambda: False)  # the database's goes along
    return time_machine


class TestRunning:
    """Requests that meet while the provider is asked."""

    @pytest.fixture(autouse=True)
    def _no_pause(self, settings):
        settings.OTP_COOLDOWN_SECONDS = []

    def while_sending(self, wire, act, status=200):
        """Answer the first SMS after ``act``, all others at once; return what ``act`` returned."""
        seen = []

        def answer(request):
            if seen:
                return (200, {}, json.dumps(YES))
            seen.append(None)
            seen.append(act())
            return (status, {}, json.dumps(YES if status == 200 else NO))

        url = f"{django_settings.MSG91_BASE_URL}/api/v5/otp"
        wire.mock.add_callback(responses.POST, url, callback=answer)
        return seen

    def test_the_second_is_told_to_wait(self, api_client, wire):
        seen = self.while_sending(wire, lambda: send(APIClient(), format="json"))

        first = send(api_client)

        assert first.status_code == 200
        assert (seen[1].status_code, seen[1].json()["code"]) == (409, "idempotency_in_progress")
        assert int(seen[1]["Retry-After"]) > 0
        assert len(wire.mock.calls) == 1

    def test_a_request_that_died_blocks_its_key_for_30_seconds(self, api_client, wire, clock):
        """As after a kill: its row stands as it did in the middle of the provider call."""
        rows = []
        self.while_sending(wire, lambda: rows.extend(IdempotencyRecord.objects.all()))
        send(api_client)
        IdempotencyRecord.objects.all().delete()
        rows[0].save(force_insert=True)

        clock.shift(29)
        blocked = send(api_client)
        clock.shift(2)
        free = send(api_client)

        assert (blocked.status_code, blocked.json()["code"]) == (409, "idempotency_in_progress")
        assert free.status_code == 200

    @pytest.mark.parametrize("status", [200, 401])
    def test_one_that_comes_back_too_late_changes_nothing(self, api_client, wire, clock, status):
        """The second's answer stays, whether the first ends well or not."""

        def second():
            clock.shift(31)
            return send(APIClient(), format="json")

        seen = self.while_sending(wire, second, status=status)

        first = send(api_client)
        again = send(api_client)

        assert first.status_code == (200 if status == 200 else 502)
        assert again["Idempotent-Replayed"] == "true"
        assert without_id(again) == without_id(seen[1])


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_20_at_once_send_one_sms(wire, settings):
    settings.OTP_COOLDOWN_SECONDS = []
    settings.OTP_SENDS_PER_PHONE_10MIN = 0
    wire.msg91_accepts()

    answers = at_once(20, lambda _: send(APIClient(), format="json").status_code)

    assert set(answers) <= {200, 409}
    assert answers[200] >= 1
    assert len(wire.mock.calls) == Challenge.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_20_at_once_one_takes_over_what_a_dead_request_left(wire, settings):
    settings.OTP_COOLDOWN_SECONDS = []
    settings.OTP_SENDS_PER_PHONE_10MIN = 0
    wire.msg91_accepts()
    send(APIClient(), format="json")
    IdempotencyRecord.objects.update(answer="", expires_at=timezone.now())

    answers = at_once(20, lambda _: send(APIClient(), format="json").status_code)

    assert set(answers) <= {200, 409}
    assert len(wire.mock.calls) == Challenge.objects.count() == 2


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize("hours", [1, -1])
def test_a_server_whose_clock_is_off_takes_over_nothing_that_is_under_way(hours):
    now = timezone.now()
    other = now + timedelta(hours=hours)
    key = {"key_digest": "k", "body_digest": "b"}

    assert idempotency_store.claim(**key, now=other)
    assert idempotency_store.claim(**key, now=now) is None
    assert idempotency_store.claim(**key, now=other) is None
