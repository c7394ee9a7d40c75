"""The guarded path: what stays behind, and what is not held meanwhile."""

from __future__ import annotations

import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection, transaction
from django.utils import timezone

from integrations import gateways
from integrations.models import GatewayCall, Outcome


def send() -> gateways.SMSReceipt:
    return gateways.send_otp(to="+919800000000", code="123456", reference="otp:test")


@pytest.mark.django_db(transaction=True)
def test_refuses_to_call_inside_a_transaction(wire):
    """A rollback would take the audit row along, and the provider's time would be held."""
    with pytest.raises(RuntimeError), transaction.atomic():
        send()

    assert not wire.mock.calls


@pytest.mark.django_db
def test_the_mask_of_the_longest_address_fits_its_row(wire):
    """One letter before the at sign: the mask is longer than the address."""
    wire.sendgrid_accepts()
    domain = ".".join(["d" * 62] * 4)[:252]
    mail = gateways.OutgoingMail(
        to=f"a@{domain}", subject="s", text="t", html="h", kind="notice", reference="r"
    )

    gateways.send_email(mail=mail)

    assert len(GatewayCall.objects.get().recipient_masked) == 255


@pytest.mark.django_db
def test_a_fault_of_ours_still_finishes_the_row(wire, settings):
    wire.mock.post(f"{settings.MSG91_BASE_URL}/api/v5/otp", body=ZeroDivisionError("planted"))

    with pytest.raises(ZeroDivisionError):
        send()

    assert GatewayCall.objects.get().outcome == Outcome.UNKNOWN


@pytest.mark.django_db
def test_an_attempt_is_kept_with_the_time_at_which_it_began(wire, settings):
    asked_at = []

    def answer(request):
        asked_at.append(timezone.now())
        return 200, {}, '{"type": "success", "request_id": "a"}'

    wire.mock.add_callback("POST", f"{settings.MSG91_BASE_URL}/api/v5/otp", callback=answer)

    send()

    (attempt,) = GatewayCall.objects.get().attempts
    assert datetime.fromisoformat(attempt["started"]) <= asked_at[0]


class _Held(ThreadingHTTPServer):
    """A provider that answers only when told to."""

    daemon_threads = True

    def __init__(self) -> None:
        self.arrived, self.go_on = threading.Event(), threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Held

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.arrived.set()
        self.server.go_on.wait(10)
        body = b'{"type":"success","request_id":"abc"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_holds_no_connection_while_the_provider_thinks(settings):
    """S35: the audit row stands, no session is in a transaction, the connection is back."""
    server = _Held()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    channels = {**settings.INTEGRATIONS}
    options = {
        **channels["sms"]["OPTIONS"],
        "base_url": f"http://127.0.0.1:{server.server_address[1]}",
    }
    channels["sms"] = {**channels["sms"], "OPTIONS": options}
    settings.INTEGRATIONS = channels

    def call() -> None:
        send()
        connection.close()

    thread = threading.Thread(target=call)
    thread.start()
    try:
        assert server.arrived.wait(10)
        assert GatewayCall.objects.get().outcome == Outcome.STARTED
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            assert cursor.fetchone() == (0,)
        pool = connection.pool
        assert pool is not None
        stats = pool.get_stats()
        assert stats["pool_size"] - stats["pool_available"] == 1  # this test's own
    finally:
        server.go_on.set()
        thread.join()
        server.shutdown()
        server.server_close()
    assert GatewayCall.objects.get().outcome == Outcome.ACCEPTED
