"""Its SMS backend for our gateway: one pooled session, as lean as ours."""

from __future__ import annotations

import functools
from collections.abc import Iterable

import requests
from phone_verify.backends.base import BaseBackend
from requests.adapters import HTTPAdapter

OUR_POOL_MAX_SIZE = 512  # integrations/transport.py


@functools.cache
def session() -> requests.Session:
    """Return the process's one session."""
    made = requests.Session()
    made.trust_env = False
    made.mount("http://", HTTPAdapter(pool_maxsize=OUR_POOL_MAX_SIZE, max_retries=0))
    return made


class GatewayBackend(BaseBackend):
    """Sends by the stand-in of MSG91."""

    def __init__(self, **options: str) -> None:
        super().__init__()
        self.url = options["url"]
        self.exception_class = requests.RequestException

    def send_sms(self, number: str, message: str) -> None:
        answer = session().post(
            f"{self.url}/api/v5/otp",
            json={
                "template_id": "65f0aa11d6fc05bbbb000002",
                "mobile": str(number)[1:],
                "otp": message,
            },
            headers={"authkey": "benchmark-msg91-key"},
            timeout=30,
        )
        answer.raise_for_status()

    def send_bulk_sms(self, numbers: Iterable[str], message: str) -> None:
        for number in numbers:
            self.send_sms(number, message)
