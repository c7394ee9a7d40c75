"""One pooled session per process, and an attempt that ends by the wall clock.

``requests``' timeout is per read: headers dripped a byte at a time hold a call for ever. Here
every socket operation gets only what is left of the attempt, so DNS, connect, TLS, request,
status line, headers and body share one budget (S35).
"""

from __future__ import annotations

import functools
import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from integrations import conf
from integrations.errors import AttemptFailed
from integrations.sockets import Attempt, BoundedAdapter, current_attempt, under_way

POOL_MAX_SIZE = 512  # connections kept per host: one per thread that may call at once
MAX_ANSWER_BYTES = 1024 * 1024  # the providers answer in a few hundred bytes


@functools.cache
def session() -> requests.Session:
    """Return the process's one session; made at the first call, so after a fork."""
    made = requests.Session()
    made.trust_env = False  # no proxy and no .netrc from the environment; also half the cost
    adapter = BoundedAdapter(pool_connections=8, pool_maxsize=POOL_MAX_SIZE, max_retries=0)
    made.mount("http://", adapter)
    made.mount("https://", adapter)
    return made


@contextmanager
def attempt() -> Iterator[Attempt]:
    """Give what happens inside one wall-clock budget, ``PROVIDER_TIMEOUT_SECONDS``.

    Raises:
        AttemptFailed: Timeout or connection error; ``maybe_accepted`` says whether the request
            had left.
    """
    guard = conf.guard()
    state = Attempt(
        ends_at=time.monotonic() + guard.attempt_timeout_seconds,
        connect_seconds=guard.connect_timeout_seconds,
    )
    token = current_attempt.set(state)
    try:
        yield state
    except requests.ConnectTimeout as err:
        raise AttemptFailed("connect_timeout", maybe_accepted=False) from err
    except (requests.Timeout, TimeoutError) as err:
        raise AttemptFailed("timeout", maybe_accepted=state.request_left) from err
    except (requests.RequestException, OSError) as err:
        late = time.monotonic() >= state.ends_at  # a timeout inside TLS or a body comes as these
        reason = "timeout" if late else "connection_error"
        raise AttemptFailed(reason, maybe_accepted=state.request_left) from err
    finally:
        current_attempt.reset(token)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A provider's answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json_object(self) -> dict[str, Any] | None:
        """Return the body as a JSON object, whatever its content type says; else None."""
        try:
            parsed = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return parsed if isinstance(parsed, dict) else None


_ID = re.compile(r"[!-~]{1,128}")
MAX_RETRY_AFTER_SECONDS = 3600
DEFAULT_RETRY_AFTER_SECONDS = 60


def message_id(value: object) -> str:
    """Return a provider's message id, or nothing where it is no id: it stands in our tables."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def retry_after_seconds(answer: Answer) -> int:
    """Return the seconds that a 429 asks for, within an hour; a minute where it does not say."""
    seconds = whole_number(answer.headers.get("Retry-After", ""))
    return DEFAULT_RETRY_AFTER_SECONDS if seconds is None else min(seconds, MAX_RETRY_AFTER_SECONDS)


def whole_number(text: str) -> int | None:
    """Return the number in a header, of at most ten digits; None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def post_json(*, url: str, headers: Mapping[str, str], payload: Mapping[str, Any]) -> Answer:
    """POST a JSON body once; as `get` otherwise."""
    return _ask("POST", url, headers=headers, payload=payload)


def post_form(*, url: str, headers: Mapping[str, str], fields: Mapping[str, str]) -> Answer:
    """POST a form once; as `get` otherwise."""
    return _ask("POST", url, headers=headers, form=fields)


def get(*, url: str, headers: Mapping[str, str]) -> Answer:
    """GET once. No redirect is followed (S37).

    A body larger than any provider sends is cut off: what is left reads as no answer of theirs.

    Raises:
        AttemptFailed: 5xx.
    """
    return _ask("GET", url, headers=headers)


def _ask(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    payload: Mapping[str, Any] | None = None,
    form: Mapping[str, str] | None = None,
) -> Answer:
    # Not ``session().request``: no cookies, netrc or proxies are merged here, which is most of it.
    request = requests.Request(
        method, url, headers={**headers, "Accept": "application/json"}, json=payload, data=form
    ).prepare()
    with session().send(
        request,
        timeout=under_way().remaining(),  # per read; the sockets hold the whole to the clock
        allow_redirects=False,
        stream=True,
    ) as response:
        body = b""
        for chunk in response.iter_content(65536):
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                break
        if response.status_code >= 500:
            raise AttemptFailed(
                "server_error", maybe_accepted=False, http_status=response.status_code
            )
        return Answer(status=response.status_code, headers=response.headers, body=body)
