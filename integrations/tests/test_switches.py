"""A provider switched off and on by ops."""

from __future__ import annotations

import pytest
from django.utils import timezone

from integrations import gateways, switches
from integrations.models import Alert, GatewayCall, ProviderSwitch

pytestmark = pytest.mark.django_db
TEXT = "SMS are being repaired. Please use the web portal until 6 pm."


def off(provider: str, text: str = TEXT) -> None:
    gateways.switch_off(provider=provider, text=text, by="asha", actor_id=None)


def test_what_ops_want_is_no_failure(wire):
    off("msg91")
    for _ in range(12):
        with pytest.raises(gateways.GatewayUnavailable):
            gateways.send_otp(to="+919800000000", code="123456", reference="otp:test")

    assert not GatewayCall.objects.filter(failure=True).exists()
    assert not Alert.objects.exists()


def test_another_process_s_switch_is_seen_within_five_seconds(monkeypatch):
    ProviderSwitch.objects.create(
        provider="msg91", text=TEXT, switched_off_at=timezone.now(), switched_off_by="asha"
    )
    assert switches.REFRESH_SECONDS < 5
    assert switches.switched_off_text(provider="msg91") is None

    monkeypatch.setattr(switches._known, "fresh_until", 0.0)  # as when the time is over

    assert switches.switched_off_text(provider="msg91") == TEXT


def test_requests_of_the_same_seconds_ask_once(django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(switches._known, "fresh_until", 0.0)

    with django_assert_num_queries(1):
        for _ in range(10):
            switches.check(provider="msg91", operation="send_otp")


def test_switching_is_told_to_those_who_record_it():
    done: list[tuple[str, str]] = []
    listener = lambda **action: done.append((action["kind"], action["detail"]))  # noqa: E731
    gateways.ops_action.connect(listener)

    off("msg91")
    gateways.switch_on(provider="msg91", actor_id=None)
    gateways.switch_on(provider="msg91", actor_id=None)  # it is on

    gateways.ops_action.disconnect(listener)
    assert done == [
        ("provider_switched", f"msg91 off: {TEXT}"),
        ("provider_switched", "msg91 on"),
    ]


@pytest.mark.parametrize(
    ("provider", "text", "sentence"),
    [
        ("twilio", TEXT, "There is no provider of this name; there are msg91, sendgrid"),
        ("msg91", "  ", "the text is empty"),
        ("msg91", "x" * 201, "at most 200 characters"),
        ("msg91", "one\ntwo", "one line"),
        ("msg91", "nul\0", "one line"),
    ],
)
def test_bad_input_gets_a_sentence_and_changes_nothing(provider, text, sentence):
    with pytest.raises(ValueError, match=sentence):
        off(provider, text)

    assert not ProviderSwitch.objects.exists()


def test_once_more_changes_the_text():
    off("msg91", "One.")
    off("msg91", "Two.")

    assert switches.switched_off_text(provider="msg91") == "Two."
