from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import login
from accounts.models import AuthToken, User
from accounts.roles import App, Role
from accounts.sessions import issue_token

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db


def post_login(client, email="kam@solarium.example", password=PASSWORD, **extra):
    return client.post("/auth/login", {"email": email, "password": password}, **extra)


def test_login_gives_a_token_that_works(api_client, kam):
    """S24."""

    answer = post_login(api_client, email="KAM@Solarium.example")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    body = answer.json()
    assert body["success"] is True
    assert body["expiresAt"].endswith("Z")
    assert body["user"] == {
        "id": str(kam.pk),
        "role": "KAM",
        "name": "Asha Rao",
        "phone": None,
        "email": "kam@solarium.example",
    }
    api_client.credentials(HTTP_AUTHORIZATION=f"Token {body['token']}")
    assert api_client.get("/auth/me").json()["user"] == body["user"]
    assert len(bytes.fromhex(body["token"])) == 32
    assert body["token"] not in AuthToken.objects.get().digest


@pytest.mark.parametrize("cause", ["unknown", "wrong", "disabled", "customer", "unusable"])
def test_every_cause_is_the_same_401(api_client, kam, cause):
    email, password = kam.email, PASSWORD
    if cause == "unknown":
        email = "nobody@solarium.example"
    elif cause == "wrong":
        password = "something else entirely"
    elif cause == "disabled":
        User.objects.filter(pk=kam.pk).update(is_active=False)
    elif cause == "customer":
        User.objects.filter(pk=kam.pk).update(role=Role.CUSTOMER)
    else:
        kam.set_unusable_password()
        kam.save()
    answer = post_login(api_client, email, password)
    assert answer.status_code == 401
    assert answer.json()["code"] == "bad_credentials"
    assert answer["WWW-Authenticate"] == "Token"
    assert answer["Content-Type"] == "application/problem+json"


def test_unknown_account_costs_a_hash_too(api_client, kam, monkeypatch):
    hashed = []
    monkeypatch.setattr(login, "make_password", hashed.append)
    post_login(api_client, "nobody@solarium.example", "whatever it may be")
    assert hashed == ["whatever it may be"]


def test_sixth_failure_is_locked_for_this_address_only(api_client, kam):
    for _ in range(settings.LOGIN_FAILURES_15MIN):
        assert post_login(api_client, password="wrong").status_code == 401
    locked = post_login(api_client)
    assert locked.status_code == 429
    assert locked.json()["code"] == "login_locked"
    assert 0 < int(locked["Retry-After"]) <= 900
    assert post_login(api_client, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_success_forgives_failures(api_client, kam):
    for _ in range(2):
        for _ in range(settings.LOGIN_FAILURES_15MIN - 1):
            post_login(api_client, password="wrong")
        assert post_login(api_client).status_code == 200


def test_reset_between_proof_and_session_wins(kam, monkeypatch):
    def prove(**_):
        proved = User.objects.get(pk=kam.pk)
        User.objects.filter(pk=kam.pk).update(password="changed")
        return proved

    monkeypatch.setattr(login, "authenticate_staff", prove)
    with pytest.raises(login.Problem) as caught:
        login.log_in(email="", password="", totp="", address="", now=timezone.now())
    assert caught.value.code == "bad_credentials"
    assert not AuthToken.objects.exists()


@pytest.mark.parametrize(
    "body", [{}, {"email": 1, "password": "x"}, {"email": "k@s.example", "password": "x", "a": 1}]
)
def test_bad_form(api_client, db, body):
    answer = api_client.post("/auth/login", body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "validation_error"


def test_logout_ends_this_token_and_logout_all_every_one(as_user, kam):
    one, two, three = as_user(kam), as_user(kam), as_user(kam)
    answer = one.post("/auth/logout")
    assert answer.status_code == 200
    assert answer.json()["success"] is True
    assert one.get("/auth/me").status_code == 401
    assert two.post("/auth/logout-all").status_code == 200
    assert three.get("/auth/me").status_code == 401


def test_post_without_input_refuses_input(as_user, kam):
    assert as_user(kam).post("/auth/logout", {"all": True}).status_code == 400


@pytest.mark.parametrize(
    "header",
    ["", "Token", "Token a b", "Token " + "0" * 64, "Bearer x", "Token \xff\x00", "Token x"],
)
def test_bad_token_is_401(api_client, db, header):
    api_client.credentials(HTTP_AUTHORIZATION=header)
    answer = api_client.get("/auth/me")
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"
    assert answer["WWW-Authenticate"] == "Token"


def test_disabling_ends_all_sessions_for_good(as_user, kam):
    client = as_user(kam)
    kam.is_active = False
    kam.save()
    assert client.get("/auth/me").status_code == 401
    kam.is_active = True
    kam.save()
    assert client.get("/auth/me").status_code == 401


def test_new_role_ends_the_old_app(as_user, kam):
    client = as_user(kam)
    kam.role = Role.CUSTOMER
    kam.save()
    assert client.get("/auth/me").status_code == 401


def test_token_of_another_app_is_403(as_user, kam):
    """S26."""

    assert as_user(kam, App.CUSTAP).get("/integrations/emailTemplates").status_code == 403


def test_session_cookie_is_no_token(client, kam):
    client.force_login(kam)
    assert client.get("/auth/me").status_code == 401


def test_expired_token(api_client, kam):
    past = timezone.now() - timedelta(hours=13)
    issued = issue_token(user=kam, app=App.WEBPRT, now=past)
    assert issued.expires_at == past + timedelta(hours=12)
    assert issued.token not in repr(issued)
    api_client.credentials(HTTP_AUTHORIZATION=f"Token {issued.token}")
    assert api_client.get("/auth/me").status_code == 401


def test_lifetimes(kam):
    """S25."""

    now = timezone.now()
    for app, life in (
        (App.CPAPP, timedelta(days=30)),
        (App.CUSTAP, timedelta(days=30)),
        (App.WEBPRT, timedelta(hours=12)),
    ):
        assert issue_token(user=kam, app=app, now=now).expires_at == now + life


def test_email_is_kept_lowercase(db):
    user = User.objects.create_user(role=Role.KAM, email="Mixed@Solarium.Example")
    assert user.email == "mixed@solarium.example"
    with transaction.atomic(), pytest.raises(IntegrityError):
        User.objects.filter(pk=user.pk).update(email="Mixed@solarium.example")


def test_many_accounts_without_email_or_phone(db):
    for _ in range(2):
        user = User.objects.create_user(role=Role.CUSTOMER, email="", phone="")
        assert user.email is None
        assert user.phone is None
