from __future__ import annotations

import re

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import password_reset, reset_links
from accounts.models import AuthToken, User
from accounts.roles import Role

pytestmark = pytest.mark.django_db

NEW = "quite another passphrase"
CONFIRM = "/auth/password/reset/confirm"


@pytest.fixture
def link(kam, settings):
    url = reset_links.make_link(user=kam)
    assert url.startswith(settings.PUBLIC_BASE_URL)
    return url.removeprefix(settings.PUBLIC_BASE_URL)


@pytest.fixture
def body(link):
    uid, token = link.split("/")[-2:]
    return {"uid": uid, "token": token, "newPassword": NEW}


def test_confirm_sets_the_password_once(api_client, as_user, kam, body, mailbox):
    """S32."""

    other = as_user(kam)
    answer = api_client.post(CONFIRM, body)
    assert answer.status_code == 200
    assert set(answer.json()) == {"success", "correlationId"}
    kam.refresh_from_db()
    assert kam.check_password(NEW)
    assert other.get("/auth/me").status_code == 401
    (notice,) = mailbox.bodies()
    assert notice["subject"] == "Your Solarium password was changed"
    again = api_client.post(CONFIRM, body)
    assert again.status_code == 400
    assert again.json()["code"] == "reset_link_invalid"


def test_password_stays_changed_when_the_notice_fails(api_client, kam, body, wire):
    wire.sendgrid_answers(status=500)
    assert api_client.post(CONFIRM, body).status_code == 200


def test_the_second_of_two_at_once_loses(kam, body, monkeypatch, mailbox):
    """Both have seen a good link; the first write decides."""

    def slow_hash(password):
        User.objects.filter(pk=kam.pk).update(password="the first one's")
        return "the second one's"

    monkeypatch.setattr(password_reset, "make_password", slow_hash)
    with pytest.raises(reset_links.Problem):
        password_reset.set_password(uid=body["uid"], token=body["token"], new_password=NEW)
    kam.refresh_from_db()
    assert kam.password == "the first one's"
    assert not mailbox.bodies()


@pytest.mark.parametrize(
    "change",
    [
        {"token": "abc-123"},
        {"uid": "bm90IGEgdXVpZA"},
        {"uid": "é"},
        {"uid": "////"},
        {"token": "é-é"},
    ],
)
def test_wrong_link(api_client, body, change):
    answer = api_client.post(CONFIRM, {**body, **change})
    assert answer.status_code == 400
    assert answer.json()["code"] == "reset_link_invalid"


def test_link_is_good_for_30_minutes(kam, body):
    """S28."""

    now = timezone.now().timestamp()
    with time_machine.travel(now + 29 * 60):
        assert reset_links.find_user(uid=body["uid"], token=body["token"]) == kam
    with time_machine.travel(now + 31 * 60), pytest.raises(reset_links.Problem):
        reset_links.find_user(uid=body["uid"], token=body["token"])


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"role": Role.CUSTOMER}, {"email": "new@solarium.example"}]
)
def test_link_dies_with_the_account(api_client, kam, body, change):
    User.objects.filter(pk=kam.pk).update(**change)
    assert api_client.post(CONFIRM, body).json()["code"] == "reset_link_invalid"


@pytest.mark.parametrize(
    ("role", "password", "code"),
    [
        (Role.KAM, "short", "password_too_short"),
        (Role.ADMIN, "fourteen chars", "password_too_short"),
        (Role.KAM, "x" * 129, "password_too_long"),
        (Role.KAM, "1234567891011", "password_too_common"),
    ],
)
def test_weak_password_leaves_the_link_good(api_client, kam, body, mailbox, role, password, code):
    """S33."""

    User.objects.filter(pk=kam.pk).update(role=role)
    answer = api_client.post(CONFIRM, {**body, "newPassword": password})
    assert answer.status_code == 400
    assert answer.json()["code"] == "validation_error"
    assert {"newPassword"} == {error["field"] for error in answer.json()["errors"]}
    assert code in {error["code"] for error in answer.json()["errors"]}
    assert api_client.post(CONFIRM, body).status_code == 200


def page_with_form(link):
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(link)
    html = page.content.decode()
    csrf = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html).group(1)
    return browser, page, csrf


def test_page(kam, link, mailbox):
    browser, page, csrf = page_with_form(link)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]
    assert "default-src 'none'" in page["Content-Security-Policy"]
    form = {"csrfmiddlewaretoken": csrf, "new_password": NEW, "repeated": "not the same"}
    unlike = browser.post(link, form)
    assert unlike.status_code == 400
    assert "not the same" in unlike.content.decode()
    weak = browser.post(link, {**form, "new_password": "short", "repeated": "short"})
    assert "at least 12 characters" in weak.content.decode().lower()
    done = browser.post(link, {**form, "repeated": NEW})
    assert done.status_code == 200
    assert done["Referrer-Policy"] == "no-referrer"
    assert "Your password is set" in done.content.decode()
    kam.refresh_from_db()
    assert kam.check_password(NEW)
    assert browser.get(link).status_code == 400
    assert not AuthToken.objects.exists()


def test_page_is_csrf_checked(kam, link):
    browser, _, _ = page_with_form(link)
    refused = browser.post(link, {"new_password": NEW, "repeated": NEW})
    assert refused.status_code == 403
    page = refused.content.decode()
    assert "Solarium" in page
    assert "Nothing was changed" in page
    assert "CSRF" not in page


def test_page_keeps_its_origin_for_the_csrf_check(kam, link, mailbox):
    """Under no-referrer alone browsers send ``Origin: null``, which the check must refuse."""
    browser, page, csrf = page_with_form(link)
    assert '<meta name="referrer" content="strict-origin">' in page.content.decode()
    form = {"csrfmiddlewaretoken": csrf, "new_password": NEW, "repeated": NEW}
    assert browser.post(link, form, HTTP_ORIGIN="null").status_code == 403
    assert browser.post(link, form, HTTP_ORIGIN="http://testserver").status_code == 200


def test_page_of_a_bad_link(client, db):
    page = client.get("/auth/password/reset/abc/def")
    assert page.status_code == 400
    assert "does not work" in page.content.decode()


def test_page_refuses_other_methods(client, link):
    answer = client.put(link)
    assert answer.status_code == 405
    assert answer.json()["code"] == "method_not_allowed"
