from __future__ import annotations

import threading

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts import hashers
from accounts.groups import OPS
from accounts.models import User
from accounts.roles import Role

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_user(db):
    user = User.objects.create_user(
        role=Role.ADMIN, email="ops@solarium.example", password=PASSWORD, is_staff=True
    )
    user.groups.add(Group.objects.get(name=OPS))
    return user


def enter(client, email="OPS@solarium.example", password=PASSWORD):
    return client.post(reverse("admin:login"), {"username": email, "password": password})


def test_ops_enter_and_look_at_accounts(client, admin_user):
    assert enter(client).status_code == 302
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 200
    page = client.get(reverse("admin:accounts_user_change", args=[admin_user.pk]))
    assert page.status_code == 200
    assert "argon2" not in page.content.decode()
    assert client.get(reverse("admin:accounts_user_add")).status_code == 403


def test_only_staff_of_the_admin_enter(client, admin_user, kam):
    assert enter(client, kam.email).status_code == 200
    assert enter(client, password="wrong").status_code == 200
    assert "_auth_user_id" not in client.session


def test_admin_login_has_the_limit(client, admin_user):
    """S59, in part."""

    for _ in range(settings.LOGIN_FAILURES_15MIN):
        enter(client, password="wrong")
    assert "Too many failed attempts" in enter(client).content.decode()


def test_ops_may_view_and_no_more(admin_user):
    """S10, in part."""

    permissions = admin_user.get_all_permissions()
    assert "accounts.view_user" in permissions
    assert "integrations.view_gatewaycall" in permissions
    assert all(name.split(".")[1].startswith("view_") for name in permissions)


def test_hash_parameters():
    encoded = hashers.BoundedArgon2PasswordHasher().encode("x", "somesalt")
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_at_most_four_hashes_at_once(monkeypatch):
    running, most, lock = 0, 0, threading.Lock()
    together = threading.Event()

    def encode(self, password, salt):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(0.05)
        with lock:
            running -= 1
        return ""

    monkeypatch.setattr(hashers.Argon2PasswordHasher, "encode", encode)
    hasher = hashers.BoundedArgon2PasswordHasher()
    threads = [threading.Thread(target=hasher.encode, args=("x", "y")) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == hashers.HASHES_AT_ONCE
