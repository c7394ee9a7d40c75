"""``Idempotency-Key``: a lost answer can be asked for again, and nothing is sent twice.

A view checks token, form and rights first, as always, then lets `answer_once` do the rest; so the
limits see a repeated request as little as the provider does.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from typing import Any, Final

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api import idempotency_store as store
from api.models import IdempotencyRecord
from api.problems import Problem, invalid
from integrations import redact

logger = logging.getLogger(__name__)

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
RETRY_AFTER_SECONDS: Final = 1  # most requests are answered by then
KEY_PATTERN: Final = r"^[!-~]{1,128}$"


def key_of(request: Request) -> str | None:
    """Return the request's ``Idempotency-Key``, None where it has none.

    Raises:
        Problem: 400 ``validation_error``: not 1 to 128 visible ASCII characters. An empty one too:
            the server hands over a header that is not ASCII as an empty string.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not re.fullmatch(KEY_PATTERN, key):
        raise invalid(
            field=HEADER, code="invalid", detail="Give 1 to 128 visible ASCII characters."
        )
    return str(key)


def answer_once(
    *, request: Request, key: str | None, endpoint: str, act: Callable[[], dict[str, Any]]
) -> Response:
    """
    Do what a request asks for, or answer as the first one with its key was answered.

    Whatever ``act`` raises frees the key.

    Args:
        key: As `key_of` gives it.
        endpoint: With the account, the space in which keys are told apart.
        act: Returns the members of the answer; they are kept, so no secret may be among them.

    Raises:
        Problem: 422 ``idempotency_key_reused``, 409 ``idempotency_in_progress``.
    """
    if key is None:
        return Response(act())
    account = getattr(request.user, "pk", None) or "anonymous"
    key_digest = redact.keyed_digest("idempotency key", endpoint, str(account), key)
    body_digest = redact.keyed_digest("idempotency body", _canonical(request.data))
    while True:
        mine = store.claim(key_digest=key_digest, body_digest=body_digest, now=timezone.now())
        if mine is not None:
            return Response(_act_and_keep(mine, act))
        other = store.find(key_digest=key_digest)
        if other is not None:
            return _replay(other, body_digest=body_digest)
        # Freed since: the next claim may be ours.


def _act_and_keep(mine: store.Claim, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        answer = act()
    except BaseException:
        try:
            store.free(mine)
        except (OperationalError, InterfaceError) as err:
            # It ends by itself; what the caller is to hear of is the first trouble.
            logger.error("idempotency key not freed", extra={"error_class": type(err).__name__})
        raise
    try:
        store.keep(mine, answer=answer, now=timezone.now())
    except (OperationalError, InterfaceError) as err:
        # What was asked for is done: an error would only make the caller ask for it again.
        logger.error("idempotent answer not kept", extra={"error_class": type(err).__name__})
    return answer


def _replay(record: IdempotencyRecord, *, body_digest: str) -> Response:
    if record.body_digest != body_digest:
        raise reused()
    if not record.answer:
        raise in_progress()
    return Response(json.loads(record.answer), headers={REPLAYED: "true"})


def reused() -> Problem:
    """Return the 422 for a key that another body had."""
    return Problem(
        status=422,
        code="idempotency_key_reused",
        detail="This Idempotency-Key was used for another request.",
    )


def in_progress() -> Problem:
    """Return the 409 for a key whose first request has no answer yet."""
    return Problem(
        status=409,
        code="idempotency_in_progress",
        detail="The first request with this Idempotency-Key is still running.",
        retry_after=RETRY_AFTER_SECONDS,
    )


def _canonical(body: Any) -> str:
    """Return one text for equal JSON: neither order nor blanks count.

    The forms that come first take strings only, so that 1 and 1.0 never get here.
    """
    return json.dumps(body, sort_keys=True, separators=(",", ":"))
