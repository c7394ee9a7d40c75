from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from accounts.models import User
from otp import codes
from otp.tests.asking import PHONE, wrong

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(api_client, wire, settings):
    """A function that asks for a code and returns (challenge id, code)."""
    settings.OTP_COOLDOWN_SECONDS = [0]
    settings.OTP_SENDS_PER_PHONE_10MIN = 0
    wire.msg91_accepts()

    def ask(app="CUSTAP", phone=PHONE):
        sent = api_client.post("/integrations/sendOTP", {"phone": phone, "app": app})
        assert sent.status_code == 200, sent.content
        return sent.json()["challengeId"], wire.codes()[-1]

    return ask


def verify(api_client, challenge_id, otp):
    return api_client.post("/integrations/verifyOTP", {"challengeId": challenge_id, "otp": otp})


class TestVerifyOTP:
    def test_right_code_opens_the_door_once(self, api_client, asked):
        challenge_id, code = asked()

        first = verify(api_client, challenge_id, code)
        second = verify(api_client, challenge_id, code)

        assert first.status_code == 200
        assert first.json()["user"]["role"] == "CUSTOMER"
        assert first["Cache-Control"] == "no-store"
        assert (second.status_code, second.json()["code"]) == (410, "otp_expired")

    def test_five_tries_and_no_more(self, api_client, asked):
        """S7."""
        challenge_id, code = asked()

        tries = [verify(api_client, challenge_id, wrong(code)) for _ in range(5)]

        assert [answer.json()["attemptsLeft"] for answer in tries] == [4, 3, 2, 1, 0]
        sixth = verify(api_client, challenge_id, code)
        assert (sixth.status_code, sixth.json()["code"]) == (429, "otp_attempts_exhausted")
        assert int(sixth["Retry-After"]) >= 1

    def test_a_malformed_code_costs_no_try(self, api_client, asked):
        challenge_id, code = asked()

        for bad in ("12345", "1234567", " 123456", "12 3456", "१२३४५६", "12345\n", 123456, None):
            answer = verify(api_client, challenge_id, bad)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "otp")

        assert verify(api_client, challenge_id, wrong(code)).json()["attemptsLeft"] == 4

    @pytest.mark.parametrize(("seconds", "status"), [(119, 200), (121, 410)])
    def test_valid_for_120_seconds(self, api_client, asked, seconds, status):
        """S4, over the turn of a year."""
        start = datetime(2026, 12, 31, 23, 59, 30, tzinfo=UTC)
        with time_machine.travel(start, tick=False) as clock:
            challenge_id, code = asked()
            clock.shift(timedelta(seconds=seconds))
            assert verify(api_client, challenge_id, code).status_code == status

    def test_a_code_works_only_with_its_own_challenge(self, api_client, asked):
        """S8, S9: a newer challenge leaves the older one as it is."""
        older, older_code = asked()
        newer, newer_code = asked()

        if older_code != newer_code:
            assert verify(api_client, newer, older_code).status_code == 400
        assert verify(api_client, older, older_code).status_code == 200

    @pytest.mark.parametrize(
        "bad", ["nope", "123", 5, None, "{0b9f7f7e-1c5c-4a51-9d6f-919876543210}"]
    )
    def test_an_id_that_is_no_uuid_is_named(self, api_client, bad):
        answer = verify(api_client, bad, "123456")

        assert answer.json()["errors"][0]["field"] == "challengeId"

    def test_unknown_challenge_looks_expired(self, api_client):
        answer = verify(api_client, str(uuid.uuid4()), "123456")

        assert (answer.status_code, answer.json()["code"]) == (410, "otp_expired")

    def test_a_missing_challenge_costs_the_same_work(self, api_client, asked, monkeypatch):
        """S5: the digest is made and compared in constant time there too."""
        compared = []
        real = codes.hmac.compare_digest
        monkeypatch.setattr(
            codes.hmac, "compare_digest", lambda a, b: compared.append(len(a)) or real(a, b)
        )
        challenge_id, code = asked()

        verify(api_client, challenge_id, wrong(code))
        verify(api_client, str(uuid.uuid4()), code)

        assert compared.count(64) == 2

    def test_ten_wrong_codes_lock_the_phone_for_an_hour(self, api_client, asked):
        """S16."""
        with time_machine.travel(datetime(2026, 11, 24, 12, tzinfo=UTC), tick=False) as clock:
            for _ in range(2):
                challenge_id, code = asked()
                for _ in range(5):
                    verify(api_client, challenge_id, wrong(code))
            challenge_id, code = asked()
            locked = verify(api_client, challenge_id, code)
            assert (locked.status_code, locked.json()["code"]) == (429, "phone_locked")
            assert locked["Retry-After"] == "3600"
            clock.shift(timedelta(seconds=3601))
            challenge_id, code = asked()
            assert verify(api_client, challenge_id, code).status_code == 200

    def test_calls_per_address_are_limited(self, api_client, settings):
        """S17."""
        settings.OTP_VERIFIES_PER_IP_10MIN = 2

        answers = [verify(api_client, str(uuid.uuid4()), "123456") for _ in range(3)]

        assert [a.status_code for a in answers] == [410, 410, 429]
        assert answers[2].json()["code"] == "verify_limit_reached"


class TestAccounts:
    @pytest.mark.parametrize(
        ("role", "app", "status"),
        [
            ("CUSTOMER", "CUSTAP", 200),
            ("CHANNEL_PARTNER", "CPAPP", 200),
            ("CUSTOMER", "CPAPP", 403),
            ("CHANNEL_PARTNER", "CUSTAP", 403),
            ("ADMIN", "CUSTAP", 403),
            ("KAM", "CPAPP", 403),
            (None, "CPAPP", 403),
        ],
    )
    def test_each_app_admits_its_role_only(self, api_client, asked, role, app, status):
        if role:
            User.objects.create(role=role, phone=PHONE)
        challenge_id, code = asked(app=app)

        answer = verify(api_client, challenge_id, code)

        assert answer.status_code == status
        if status == 403:
            assert answer.json()["code"] == "account_not_allowed"
            assert verify(api_client, challenge_id, code).status_code == 410

    def test_a_disabled_account_stays_out(self, api_client, asked):
        User.objects.create(role="CUSTOMER", phone=PHONE, is_active=False)
        challenge_id, code = asked()

        assert verify(api_client, challenge_id, code).json()["code"] == "account_not_allowed"


class TestState:
    def test_tells_each_state_once(self, api_client, asked):
        with time_machine.travel(datetime(2026, 11, 24, 12, tzinfo=UTC), tick=False) as clock:
            challenge_id, code = asked()
            clock.shift(timedelta(seconds=33))
            url = f"/integrations/otp/{challenge_id}"
            before = api_client.get(url).json()
            verify(api_client, challenge_id, code)
            after = api_client.get(url).json()

        assert (before["state"], before["expiresIn"]) == ("accepted", 87)
        assert [event["state"] for event in after["events"]] == ["created", "accepted", "verified"]

    def test_an_unverified_one_expires(self, api_client, asked):
        with time_machine.travel(datetime(2026, 11, 24, 12, tzinfo=UTC), tick=False) as clock:
            challenge_id, _ = asked()
            clock.shift(timedelta(seconds=121))
            assert api_client.get(f"/integrations/otp/{challenge_id}").json()["state"] == "expired"

    def test_unknown_id_is_404(self, api_client):
        answer = api_client.get(f"/integrations/otp/{uuid.uuid4()}")

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_no_code_is_kept_anywhere(api_client, asked, caplog):
    """S2, S3: run the flow, dump the database, search it and the log."""
    challenge_id, code = asked()
    verify(api_client, challenge_id, wrong(code))
    token = verify(api_client, challenge_id, code).json()["token"]
    out = StringIO()

    call_command("dumpdata", "otp", "integrations", "accounts", stdout=out)

    assert challenge_id in out.getvalue()
    assert f'"{code}"' not in out.getvalue()
    assert code not in caplog.text
    assert token not in out.getvalue()
