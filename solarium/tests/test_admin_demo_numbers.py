"""Demo numbers are made and removed by ADMIN, with a reason; the code is shown once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.groups import OPS, SUPPORT
from accounts.models import SecurityEvent, User
from accounts.roles import Role
from integrations.redact import fingerprint
from otp.models import DemoNumber
from solarium.tests.admin_rows import make_demo_number
from solarium.tests.admin_world import enter, make_staff

pytestmark = pytest.mark.django_db
PHONE = "+919812345678"
LIST = "admin:otp_demonumber_changelist"
MAKE = "admin:make_demo_number"


def form(**fields):
    last_day = timezone.now().date() + timedelta(days=7)
    return {
        "phone": "098123-45678",
        "role": "CUSTOMER",
        "last_day": last_day.isoformat(),
        "reason": "Review of version 2.1",
        **fields,
    }


def shown_code(answer):
    (code,) = re.findall(r"<li>(\d{6})</li>", answer.content.decode())
    return code


def test_made_in_the_admin_it_logs_in(ops, staff, api_client, wire):
    answer = ops.post(reverse(MAKE), form())

    number = DemoNumber.objects.get()
    last_day = timezone.now().date() + timedelta(days=7)
    assert (number.phone_e164, number.role, number.made_by) == (PHONE, "CUSTOMER", staff.pk)
    assert number.ends_at.date() == last_day + timedelta(days=1)
    sent = api_client.post("/integrations/sendOTP", {"phone": PHONE, "app": "CUSTAP"}).json()
    typed = {"challengeId": sent["challengeId"], "otp": shown_code(answer)}
    assert api_client.post("/integrations/verifyOTP", typed).status_code == 200
    assert not wire.mock.calls


def test_the_code_is_shown_once_and_kept_nowhere(ops):
    """S2: not in the session or a cookie either."""
    answer = ops.post(reverse(MAKE), form())
    code = shown_code(answer)

    assert "no-store" in answer["Cache-Control"]
    assert code not in str(answer.cookies) + str(ops.cookies)
    detail = reverse("admin:otp_demonumber_change", args=[DemoNumber.objects.get().pk])
    for page in (reverse(LIST), detail, reverse(MAKE)):
        text = ops.get(page).content.decode()
        assert code not in text
        assert PHONE not in text
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            assert code not in [str(value) for row in cursor.fetchall() for value in row], table


def test_making_and_removing_are_recorded(ops, staff):
    ops.post(reverse(MAKE), form())
    number = DemoNumber.objects.get()
    url = reverse("admin:remove_demo_number", args=[number.pk])

    assert ops.get(url).status_code == 200
    assert DemoNumber.objects.exists()
    assert ops.post(url, {"reason": "no"}).status_code == 200
    assert DemoNumber.objects.exists()
    assert ops.post(url, {"reason": "Review is over"}).status_code == 302
    assert not DemoNumber.objects.exists()

    events = list(SecurityEvent.objects.filter(kind="demo_number").order_by("id"))
    assert [event.detail.partition(":")[0].split()[0] for event in events] == ["made", "removed"]
    assert {event.actor_id for event in events} == {staff.pk}
    assert {event.subject_fingerprint for event in events} == {fingerprint(PHONE)}


def test_the_list_leads_to_both(ops):
    number = make_demo_number(phone=PHONE, at=timezone.now())

    assert reverse("admin:otp_demonumber_make") in ops.get(reverse(LIST)).content.decode()
    assert ops.get(reverse("admin:otp_demonumber_make"))["Location"] == reverse(MAKE)
    remove = reverse("admin:otp_demonumber_remove", args=[number.pk])
    detail = reverse("admin:otp_demonumber_change", args=[number.pk])
    assert remove in ops.get(detail).content.decode()
    assert ops.get(remove)["Location"] == reverse("admin:remove_demo_number", args=[number.pk])
    found = ops.get(reverse(LIST), {"q": "98123 45678"}).context["cl"].result_list
    assert list(found) == [number]


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "ADMIN"},
        {"role": "KAM"},
        {"role": ""},
        {"phone": "+14155550100"},
        {"phone": "1"},
        {"last_day": ""},
        {"last_day": "2020-01-01"},
        {"last_day": "9999-12-31"},
        {"last_day": (timezone.now() + timedelta(days=90)).date().isoformat()},
        {"reason": ""},
    ],
)
def test_a_wrong_form_makes_none(ops, wrong):
    answer = ops.post(reverse(MAKE), form(**wrong))

    assert answer.status_code == 200
    assert not re.search(r"<li>\d{6}</li>", answer.content.decode())
    assert not DemoNumber.objects.exists()
    assert not SecurityEvent.objects.filter(kind="demo_number").exists()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.KAM])
def test_the_number_of_staff_is_refused(ops, role):
    User.objects.create_user(role=role, phone=PHONE)

    answer = ops.post(reverse(MAKE), form())

    assert "another role" in answer.content.decode()
    assert not DemoNumber.objects.exists()


@pytest.mark.parametrize(("group", "role"), [(SUPPORT, Role.ADMIN), (OPS, Role.KAM)])
def test_only_admin_of_ops_may(client, group, role):
    enter(client, make_staff(group=group, role=role))
    number = make_demo_number(phone="+919800000001", at=timezone.now())

    for url in (reverse(MAKE), reverse("admin:remove_demo_number", args=[number.pk])):
        assert client.get(url).status_code == 403
        assert client.post(url, form()).status_code == 403
    assert list(DemoNumber.objects.all()) == [number]
    page = client.get(reverse(LIST))
    assert page.status_code == 200
    assert reverse("admin:otp_demonumber_make") not in page.content.decode()


def test_an_old_login_makes_none_and_forms_are_csrf_checked(client, staff, settings):
    settings.SESSION_COOKIE_AGE = 3600
    with time_machine.travel(timezone.now(), tick=False) as clock:
        enter(client, staff)
        clock.shift(timedelta(seconds=settings.ADMIN_ACT_SECONDS + 1))
        assert client.post(reverse(MAKE), form()).status_code == 302
    strict = enter(Client(enforce_csrf_checks=True), staff)
    assert strict.post(reverse(MAKE), form()).status_code == 403
    assert not DemoNumber.objects.exists()
