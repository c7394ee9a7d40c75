from __future__ import annotations

import threading

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection

from accounts import hashers
from accounts.models import User
from accounts.roles import Role


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


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_meanwhile(api_client, monkeypatch):
    """Else a burst of logins holds all that there are, and those that work wait for one."""
    User.objects.create_user(
        role=Role.KAM, email="kam@solarium.example", password="a long enough passphrase"
    )
    held = []
    monkeypatch.setattr(
        Argon2PasswordHasher, "encode", lambda *_: held.append(connection.connection) or "x"
    )
    monkeypatch.setattr(
        Argon2PasswordHasher, "verify", lambda *_: held.append(connection.connection) or False
    )

    for email in ("kam@solarium.example", "nobody@solarium.example"):
        answer = api_client.post("/auth/login", {"email": email, "password": "something else"})
        assert answer.status_code == 401

    assert held == [None, None]
