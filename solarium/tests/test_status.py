"""``GET /integrations/status``."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from accounts.testing import authorization
from integrations import breaker, gateways
from integrations.models import GatewayCall

pytestmark = pytest.mark.django_db
PATH = "/integrations/status"
OK = {
    "state": "ok",
    "breaker": "closed",
    "failuresLastMinute": 0,
    "lastError": None,
    "message": None,
}


def ask(client, *, role=Role.KAM):
    return client.get(PATH, **authorization(User.objects.create_user(role=role)))


def send_and_fail(wire, **answer):
    wire.msg91_answers(**answer)
    with pytest.raises(gateways.GatewayError):
        gateways.send_otp(to="+919800000000", code="123456", reference="otp:test")


def test_all_is_well(api_client):
    answer = ask(api_client)

    assert answer.status_code == 200
    assert answer.json()["providers"] == {"msg91": OK, "sendgrid": OK, "azure_blob": OK}


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ADMIN, 200), (Role.KAM, 200), (Role.CUSTOMER, 403), (Role.CHANNEL_PARTNER, 403)],
)
def test_who_may_look(api_client, role, status):
    assert ask(api_client, role=role).status_code == status


def test_a_stranger_may_not(api_client):
    assert api_client.get(PATH).status_code == 401


def test_a_failure_degrades_for_a_minute(api_client, wire, settings):
    settings.PROVIDER_RETRIES = 0
    send_and_fail(wire, body=requests.ReadTimeout())

    found = ask(api_client).json()["providers"]

    assert found["sendgrid"] == OK
    assert found["msg91"]["state"] == "degraded"
    assert found["msg91"]["failuresLastMinute"] == 1
    assert found["msg91"]["lastError"]["code"] == "timeout"
    assert found["msg91"]["lastError"]["at"].endswith("Z")

    GatewayCall.objects.update(finished_at=timezone.now() - timedelta(seconds=61))
    later = ask(api_client, role=Role.ADMIN).json()["providers"]["msg91"]
    assert (later["state"], later["failuresLastMinute"]) == ("ok", 0)
    assert later["lastError"]["code"] == "timeout"


def test_an_open_breaker_is_down_and_refused_calls_count(api_client, wire):
    for _ in range(2):  # 5 attempts open it
        send_and_fail(wire, status=500)
    send_and_fail(wire, status=500)

    found = ask(api_client).json()["providers"]["msg91"]

    assert (found["state"], found["breaker"]) == ("down", "open")
    assert found["failuresLastMinute"] == 3
    assert found["lastError"]["code"] == "server_error"  # not "breaker_open": that says nothing new


def test_half_open_is_degraded(api_client):
    from django.core.cache import cache

    cache.set("breaker:msg91:half_open", 1)

    found = ask(api_client).json()["providers"]["msg91"]

    assert (found["state"], found["breaker"]) == ("degraded", breaker.HALF_OPEN)


def test_a_bad_number_is_nobodys_failure_a_refused_key_is(api_client, wire):
    send_and_fail(wire, json={"type": "error", "message": "Invalid mobile"})
    assert not GatewayCall.objects.filter(failure=True).exists()

    wire.mock.reset()
    send_and_fail(wire, status=401, json={"type": "error", "message": "Invalid authkey"})
    assert GatewayCall.objects.filter(failure=True).count() == 1
    assert ask(api_client).json()["providers"]["msg91"]["state"] == "degraded"
