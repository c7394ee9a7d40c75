"""Where alerts go: a log line at once, webhook and mail by a thread of their own each.

Whoever raises an alert waits for none of them: notices stand in a bounded queue per process.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.util import Finalize
from typing import Final

from django.conf import settings
from django.core.mail import mail_admins
from django.db import connections

from integrations import conf, transport
from integrations.correlation import bind_correlation_id, correlation_id
from integrations.errors import AttemptFailed

logger = logging.getLogger(__name__)

QUEUE_SIZE: Final = 100  # an alert per provider and kind comes at most every 15 minutes
WEBHOOK_WAITS_SECONDS: Final = (1.0, 5.0, 25.0)  # before each retry
FLUSH_SECONDS: Final = 2.0  # how long a process that ends waits for notices on their way


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What ops are told. ``text`` holds no key, number or address."""

    provider: str
    state: str
    text: str
    correlation_id: str


def tell(*, provider: str, kind: str, state: str, text: str) -> None:
    """Write the log line and hand the notice to webhook and mail; returns at once.

    Args:
        state: ``"raised"`` or ``"resolved"``.
    """
    logger.critical(
        "provider alert",
        extra={"provider": provider, "alert_kind": kind, "alert_state": state, "text": text},
    )
    notice = Notice(provider=provider, state=state, text=text, correlation_id=correlation_id())
    if conf.alert_webhook_url():
        _webhook.put(notice)
    if settings.ADMINS:
        _mail.put(notice)


class _Courier:
    """A daemon thread that delivers notices one by one; started by the first, so after a fork."""

    def __init__(self, name: str, deliver: Callable[[Notice], None]) -> None:
        self._name = name
        self._deliver = deliver
        self._waiting: queue.Queue[Notice] = queue.Queue(QUEUE_SIZE)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, notice: Notice) -> None:
        """Hand a notice over; where that cannot be, the log line of `tell` has to do."""
        try:
            self._start()
            self._waiting.put_nowait(notice)
        except queue.Full:
            logger.error("alert dropped, too many wait", extra={"sink": self._name})
        except RuntimeError:
            logger.error("alert dropped, no thread to be had", extra={"sink": self._name})

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, name=f"alerts-{self._name}", daemon=True
                )
                self._thread.start()

    def is_done(self) -> bool:
        return not self._waiting.unfinished_tasks

    def _run(self) -> None:
        while True:
            notice = self._waiting.get()
            bind_correlation_id(notice.correlation_id)
            try:
                self._deliver(notice)
            except Exception as err:  # noqa: BLE001  (whatever it was, the next one must go out)
                logger.error(
                    "alert not delivered",
                    extra={"sink": self._name, "error_class": type(err).__name__},
                )
            finally:
                connections.close_all()
                self._waiting.task_done()


def flush(*, seconds: float) -> None:
    """Wait until all notices are delivered or given up, at most so long."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at and not (_webhook.is_done() and _mail.is_done()):
        time.sleep(0.02)


def _post(notice: Notice) -> None:
    """POST the text in the shape that Slack and Teams take; again where it was not taken."""
    for wait_seconds in (*WEBHOOK_WAITS_SECONDS, None):
        try:
            with transport.attempt():
                answer = transport.post_json(
                    url=conf.alert_webhook_url(), headers={}, payload={"text": notice.text}
                )
        except AttemptFailed as failed:
            reason = failed.reason
        else:
            # A page with status 200 comes from a proxy on the way: Slack answers "ok", Teams "1".
            if 200 <= answer.status < 300 and not answer.body.lstrip().startswith(b"<"):
                return
            reason = f"http_{answer.status}"
        logger.warning("alert webhook failed", extra={"reason": reason})
        if wait_seconds is not None:
            time.sleep(wait_seconds)
    logger.error("alert not delivered", extra={"sink": "webhook", "reason": reason})


def _send_mail(notice: Notice) -> None:
    """Mail the text by the mail provider, unless it is the one that fails."""
    if conf.has_channel("email") and notice.provider == conf.client("email").provider:
        return
    mail_admins(f"Alert {notice.state}: {notice.provider}", notice.text)


_webhook = _Courier("webhook", _post)
_mail = _Courier("mail", _send_mail)
# Not atexit: a forked worker of the server ends without it (multiprocessing.process._bootstrap).
Finalize(None, flush, kwargs={"seconds": FLUSH_SECONDS}, exitpriority=0)
