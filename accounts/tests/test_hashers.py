from __future__ import annotations

import threading

from accounts import hashers


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
