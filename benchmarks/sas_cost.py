"""What one SAS costs: ours, the SDK's bare `generate_blob_sas`, and a hand-written HMAC-SHA256.

All three sign the same right on the same blob with the same account key; the three signatures are
compared first, so that nobody is measured doing less. One process, no network, no database.

    python benchmarks/sas_cost.py --quick
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import parse_qs, quote, urlsplit

from harness.command_line import is_quick
from harness.paths import ROOT
from harness.tables import machine, markdown, median, say, verdict

ACCOUNT, CONTAINER = "solariumbench", "docs"
KEY = base64.b64encode(hashlib.sha512(b"an account that does not exist").digest()).decode()
BLOB = "docs/2026/11/24/6f1c6a3e-4c52-4c7b-9a52-0d6a3f0f7d11.pdf"
FILE_NAME = "Quotation for rooftop 5 kW.pdf"
CONTENT_TYPE = "application/pdf"
TARGET_RATIO = 1.5  # ours to bare generate_blob_sas

Permission = Literal["read", "create"]
Signer = Callable[[datetime], str]
RIGHTS: tuple[Permission, ...] = ("read", "create")


def set_up_django() -> None:
    """Load the project as in production, with an invented storage account."""
    os.environ.update(
        DJANGO_DEBUG="false",
        DJANGO_SECRET_KEY="0" * 50,
        AZURE_STORAGE_ACCOUNT_URL="",
        AZURE_STORAGE_CONTAINER=CONTAINER,
        AZURE_SAS_PROTOCOL="https",
        AZURE_STORAGE_CONNECTION_STRING=(
            f"DefaultEndpointsProtocol=https;AccountName={ACCOUNT};AccountKey={KEY};"
            "EndpointSuffix=core.windows.net"
        ),
        DATABASE_URL="sqlite:///:memory:",
        DJANGO_SETTINGS_MODULE="solarium.settings",
    )
    sys.path.insert(0, str(ROOT))
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)  # switches and keys are read every few seconds


def ours(permission: Permission) -> Signer:
    """Return the project's own way: what the documents app calls."""
    from integrations import gateways

    def sign(now: datetime) -> str:
        return gateways.issue_blob_sas(
            blob=BLOB,
            permission=permission,
            now=now,
            content_type=CONTENT_TYPE,
            file_name=FILE_NAME,
        ).url

    return sign


def bare(permission: Permission) -> Signer:
    """Return the SDK's function with the same arguments, the URL put before it by hand."""
    from azure.storage.blob import BlobSasPermissions, generate_blob_sas

    headers = response_headers(permission)

    def sign(now: datetime) -> str:
        token = generate_blob_sas(
            account_name=ACCOUNT,
            container_name=CONTAINER,
            blob_name=BLOB,
            account_key=KEY,
            permission=BlobSasPermissions(create=permission == "create", read=permission == "read"),
            start=now - timedelta(minutes=5),
            expiry=now + timedelta(minutes=30),
            protocol="https",
            **headers,  # type: ignore[arg-type]  # all optional strings of the SDK
        )
        return f"https://{ACCOUNT}.blob.core.windows.net/{CONTAINER}/{BLOB}?{token}"

    return sign


def by_hand(permission: Permission, version: str) -> Signer:
    """Return the least that can sign: the string to sign of a service SAS, HMAC, query string."""
    letter = permission[0]
    headers = response_headers(permission)
    key = base64.b64decode(KEY)
    names = {"cache_control": "rscc", "content_disposition": "rscd", "content_type": "rsct"}
    order = ("cache_control", "content_disposition", "", "", "content_type")
    overrides = "\n".join(headers.get(name, "") for name in order)

    def sign(now: datetime) -> str:
        start = (now - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
        expiry = (now + timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
        text = (
            f"{letter}\n{start}\n{expiry}\n/blob/{ACCOUNT}/{CONTAINER}/{BLOB}\n\n\nhttps\n"
            f"{version}\nb\n\n\n{overrides}"
        )
        signature = base64.b64encode(hmac.digest(key, text.encode(), "sha256")).decode()
        query = {"st": start, "se": expiry, "sp": letter, "spr": "https", "sv": version, "sr": "b"}
        query |= {names[name]: value for name, value in headers.items()}
        query["sig"] = signature
        token = "&".join(f"{name}={quote(value)}" for name, value in query.items())
        return f"https://{ACCOUNT}.blob.core.windows.net/{CONTAINER}/{BLOB}?{token}"

    return sign


def response_headers(permission: Permission) -> dict[str, str]:
    """Return what a download answers with, as the project asks for it."""
    if permission == "create":
        return {}
    return {
        "content_disposition": f"attachment; filename*=UTF-8''{quote(FILE_NAME, safe='')}",
        "content_type": CONTENT_TYPE,
        "cache_control": "private, no-store",
    }


def signature(url: str) -> str:
    """Return the signature of a link."""
    return parse_qs(urlsplit(url).query)["sig"][0]


def measure(signers: dict[str, Signer], *, rounds: int, calls: int) -> dict[str, list[float]]:
    """Return microseconds a call for each round; in each round every signer takes its turn."""
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    times: dict[str, list[float]] = {name: [] for name in signers}
    names = list(signers)
    for number in range(rounds + 1):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            sign = signers[name]
            started = time.perf_counter()
            for _ in range(calls):
                sign(now)
            if number:  # the first round warms up
                times[name].append((time.perf_counter() - started) / calls * 1e6)
    return times


def compare(permission: Permission, *, rounds: int, calls: int) -> list[tuple[object, ...]]:
    """Measure one kind of SAS and return its rows of the table."""
    signers: dict[str, Signer] = {"ours": ours(permission), "bare": bare(permission)}
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    expected = signature(signers["bare"](now))
    version = parse_qs(urlsplit(signers["bare"](now)).query)["sv"][0]
    signers["by hand"] = by_hand(permission, version)
    for name, sign in signers.items():
        if signature(sign(now)) != expected:
            sys.exit(f"sas_cost: the signature of {name!r} differs from the SDK's.")
    say(f"{permission}: {rounds} rounds of {calls} calls each ...")
    times = measure(signers, rounds=rounds, calls=calls)
    medians = {name: median(found) for name, found in times.items()}
    rows: list[tuple[object, ...]] = []
    for name, found in times.items():
        ratio = medians[name] / medians["bare"]
        reached = verdict(ratio=ratio, at_most=TARGET_RATIO)
        target = f"≤ {TARGET_RATIO}: {reached}" if name == "ours" else ""
        shown = f"{permission}, {name}"
        rows.append((shown, medians[name], min(found), max(found), f"{ratio:.2f}", target))
    return rows


def main() -> None:
    quick = is_quick(__doc__, meaning="about 2 s instead of 15 s")
    set_up_django()
    rounds, calls = (9, 300) if quick else (31, 1000)
    header = ("right, signer", "µs, median of rounds", "fastest", "slowest", "to bare", "target")
    rows = [row for right in RIGHTS for row in compare(right, rounds=rounds, calls=calls)]
    sys.stdout.write(f"{machine()}\n\n{markdown(header=header, rows=rows)}")


if __name__ == "__main__":
    main()
