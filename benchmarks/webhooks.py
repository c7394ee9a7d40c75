"""How long a full batch of 1,000 delivery reports takes, from MSG91 and from SendGrid (S42).

Runs Solarium's WSGI application in this process against a fresh PostgreSQL database and Redis, with
older calls in the table. Each round brings new calls of as many recipients; then the same batch
comes again, and one about messages that nobody sent.

    .venv/bin/python benchmarks/webhooks.py
    .venv/bin/python benchmarks/webhooks.py --quick
"""

from __future__ import annotations

import itertools
import json
import sys
import time
import uuid
from collections import defaultdict
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from harness import in_process, servers, tables
from harness.command_line import is_quick
from harness.databases import fresh_database, own_cache
from harness.paths import ROOT
from harness.tables import median, say, verdict

sys.path.insert(0, str(ROOT))

from sandbox import sendgrid_events

BATCH = 1000
TARGET_MS = 100
TOKEN = uuid.uuid4().hex + uuid.uuid4().hex
MSG91, SENDGRID = f"/integrations/webhooks/msg91/{TOKEN}", "/integrations/webhooks/sendgrid"
Times = dict[str, list[tuple[float, float]]]
_numbers = itertools.count(1)


def main() -> int:
    quick = is_quick(__doc__, meaning="5 rounds over 10,000 older calls")
    with fresh_database(purpose="webhooks") as database, own_cache() as cache_url:
        environment = servers.solarium_environment(
            database=database, cache_url=cache_url, gateway_url="http://127.0.0.1:9"
        )
        environment |= {
            "MSG91_WEBHOOK_TOKEN": TOKEN,
            "SENDGRID_WEBHOOK_PUBLIC_KEY": sendgrid_events.PUBLIC_KEY,
        }
        servers.migrate_solarium(environment)
        application = in_process.application(environment)
        rounds, older = (5, 10_000) if quick else (21, 100_000)
        times = measure(application, rounds=rounds, older=older)
        report(times, rounds=rounds, older=older)
    return 0


def measure(application: Any, *, rounds: int, older: int) -> Times:
    """Return for each kind of batch and round the milliseconds it took and our processor time."""
    say(f"{older:,} older calls ...")
    for _ in range(older // BATCH):
        make_calls("msg91")
    times: Times = defaultdict(list)
    for number in range(rounds + 1):
        batches = {
            "MSG91, new": msg91_batch(make_calls("msg91")),
            "SendGrid, new": sendgrid_batch(make_calls("sendgrid")),
        }
        batches |= {f"{name[:-5]}, the same again": batch for name, batch in batches.items()}
        unknown = [(f"+9198{next(_numbers):08d}", uuid.uuid4().hex) for _ in range(BATCH)]
        batches["MSG91, unknown messages"] = msg91_batch(unknown)
        for name, (path, body, headers) in batches.items():
            started, processor = time.perf_counter(), time.process_time()
            in_process.ask(application, "POST", path, body=body, **headers)
            took = time.perf_counter() - started, time.process_time() - processor
            if number:  # the first round warms up
                times[name].append((took[0] * 1000, took[1] * 1000))
    return times


def make_calls(provider: str) -> list[tuple[str, str]]:
    """Make as many accepted calls as a batch has reports; return recipient and message id."""
    from django.utils import timezone

    from integrations import redact
    from integrations.models import GatewayCall

    now = timezone.now() - timedelta(minutes=1)
    made = []
    for _ in range(BATCH):
        number = next(_numbers)
        to = f"+9198{number:08d}" if provider == "msg91" else f"p{number}@solarium.example"
        made.append((to, uuid.uuid4().hex))
    GatewayCall.objects.bulk_create(
        GatewayCall(
            provider=provider,
            operation="send",
            provider_message_id=message_id,
            recipient_masked=redact.mask_recipient(to),
            recipient_fingerprint=redact.fingerprint(to),
            reference=f"otp:{uuid.uuid4()}",
            correlation_id=str(uuid.uuid4()),
            started_at=now,
        )
        for to, message_id in made
    )
    # As calls are: written twice, which leaves room beside them.
    GatewayCall.objects.filter(outcome="started").update(outcome="accepted", finished_at=now)
    return made


def msg91_batch(calls: list[tuple[str, str]]) -> tuple[str, bytes, dict[str, str]]:
    """Return path, body and headers of a v2 form; every tenth report says "failed"."""
    groups = [
        {
            "requestId": message_id,
            "report": [
                {
                    "date": "2026-11-24 10:06:20",
                    "number": to[1:],
                    "status": "2" if number % 10 == 0 else "1",
                    "desc": "",
                    "failedReason": "absent subscriber" if number % 10 == 0 else "",
                }
            ],
        }
        for number, (to, message_id) in enumerate(calls)
    ]
    body = urlencode({"data": json.dumps(groups)}).encode()
    return MSG91, body, {"CONTENT_TYPE": "application/x-www-form-urlencoded"}


def sendgrid_batch(calls: list[tuple[str, str]]) -> tuple[str, bytes, dict[str, str]]:
    """Return path, body and headers of a signed list; every tenth event is a bounce."""
    events = [
        {
            "email": to,
            "timestamp": int(time.time()),
            "sg_event_id": uuid.uuid4().hex,
            "sg_message_id": f"{message_id}.filter0001.16648.5515E0B88.0",
            **(
                {"event": "bounce", "type": "bounce", "reason": f"550 5.1.1 {to} unknown user"}
                if number % 10 == 0
                else {"event": "delivered", "response": "250 OK"}
            ),
        }
        for number, (to, message_id) in enumerate(calls)
    ]
    body = json.dumps(events).encode()
    signed = sendgrid_events.headers(body)
    headers = {"CONTENT_TYPE": signed.pop("Content-Type")}
    headers |= {f"HTTP_{name.upper().replace('-', '_')}": told for name, told in signed.items()}
    return SENDGRID, body, headers


def report(times: Times, *, rounds: int, older: int) -> None:
    """Check that every report was kept once, and print the table."""
    from integrations.models import DeliveryEvent

    expected = 2 * BATCH * (rounds + 1)
    kept = DeliveryEvent.objects.count()
    if kept != expected:
        raise SystemExit(f"webhooks: {kept} reports were kept, not {expected}.")
    rows = [
        (
            name,
            middle := median(took for took, _ in found),
            min(took for took, _ in found),
            max(took for took, _ in found),
            median(processor for _, processor in found),
            f"< {TARGET_MS}: {verdict(ratio=middle, at_most=TARGET_MS)}",
        )
        for name, found in times.items()
    ]
    header = ("batch of 1,000", "ms, median", "fastest", "slowest", "our CPU ms", "target")
    sys.stdout.write(f"{tables.machine()}\n\nRounds: {rounds}; older calls: {older:,}.\n\n")
    sys.stdout.write(tables.markdown(header=header, rows=rows))


if __name__ == "__main__":
    sys.exit(main())
