"""Argon2id as OWASP sizes it, and never so many at once that logins eat the machine."""

from __future__ import annotations

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

from integrations import gateways

HASHES_AT_ONCE = 4
# 20 logins at once with Django's own parameters took 6 s and 1.8 GB.
_slots = threading.BoundedSemaphore(HASHES_AT_ONCE)


class BoundedArgon2PasswordHasher(Argon2PasswordHasher):
    """19 MiB, two passes, one lane; at most `HASHES_AT_ONCE` per process, the rest wait."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with gateways.waiting(), _slots:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with gateways.waiting(), _slots:
            return super().verify(password, encoded)
