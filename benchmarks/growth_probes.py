"""What `growth.py` measures: real requests in this process."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from growth_fill import user_id
from harness import seed

from accounts import second_factor
from accounts.models import User
from accounts.roles import ADMITS, App, Role
from accounts.sessions import issue_token
from documents.models import Document, Reference, State
from integrations.models import GatewayCall
from otp.models import Challenge, Phone

API_PAGE, ADMIN_PAGE, DEEP_PAGE = 50, 100, 100  # rows, rows, number
BUSY_FROM = 100_000  # rows from which the busy KAM has about all it ever gets
SAMPLES = 40  # rows that requests ask for in turn


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One kind of request. ``same_from``: the size from which its own rows no longer grow."""

    name: str
    status: int
    ask: Callable[[], HttpResponseBase]
    admin: bool = False
    same_from: int = 0


def probes(*, size: int) -> list[Probe]:
    """Return every probe for tables of ``size`` rows, with rows and sessions of its own."""
    return [*_otp_probes(), *_document_probes(size), *_admin_probes(size)]


def _otp_probes() -> list[Probe]:
    client = Client(SERVER_NAME="127.0.0.1")

    def post(path: str, body: Any) -> HttpResponseBase:
        return client.post(f"/integrations/{path}", body, content_type="application/json")

    known = _cycle(Phone.objects.filter(phone_e164__startswith="+919"), "phone_e164")
    right = itertools.cycle(seed.make_challenges(SAMPLES * 2))
    wrong = itertools.cycle(
        [body.replace(seed.CODE, "314159") for body in seed.make_challenges(SAMPLES * 2)]
    )
    challenges = _cycle(Challenge.objects.all(), "pk")
    # Numbers that the fill does not reach, and that no other call of this function gave out.
    fresh = itertools.count(time.time_ns() // 10**6 % 10**8)
    app = {"app": "CUSTAP"}
    return [
        Probe(
            name="sendOTP, known phone",
            status=200,
            ask=lambda: post("sendOTP", {"phone": next(known), **app}),
        ),
        Probe(
            name="sendOTP, new phone",
            status=200,
            ask=lambda: post("sendOTP", {"phone": f"+9198{next(fresh):08d}", **app}),
        ),
        Probe(name="verifyOTP, right code", status=200, ask=lambda: post("verifyOTP", next(right))),
        Probe(name="verifyOTP, wrong code", status=400, ask=lambda: post("verifyOTP", next(wrong))),
        Probe(
            name="GET otp/<id>",
            status=200,
            ask=lambda: client.get(f"/integrations/otp/{next(challenges)}"),
        ),
    ]


Asked = tuple[str, Client, str | Callable[[], str], int]  # name, who, path, ``same_from``


def _document_probes(size: int) -> list[Probe]:
    customer, partner, kam, busy = (
        _signed_in(User.objects.get(pk=_number_of(role, number)))
        for role, number in (
            (Role.CUSTOMER, 1),
            (Role.CHANNEL_PARTNER, 1),
            (Role.KAM, 1),
            (Role.KAM, 0),
        )
    )
    admin = _signed_in(User.objects.create_user(role=Role.ADMIN))
    own = Document.objects.filter(reference__customer=_number_of(Role.CUSTOMER, 1))
    mine = _cycle(own.filter(state=State.AVAILABLE), "pk")
    lists = "/documents/references"
    asked: list[Asked] = [
        ("integrations/status", admin, "/integrations/status", 0),
        ("SAS, upload", customer, "/documents/sas?docType=KYC", 0),
        ("SAS, download", customer, lambda: f"/documents/sas?documentId={next(mine)}", 0),
        *_lists_of_documents(size, customer, kam, busy),
        ("documents, partner, page 1", partner, "/documents", 0),
        *_lists_for_admin(size, admin),
        ("references, customer, page 1", customer, lists, 0),
        ("references, KAM, page 1", kam, lists, 0),
        ("references, partner, page 1", partner, lists, 0),
        ("references, ADMIN, page 1", admin, lists, 0),
    ]
    return [
        Probe(name=name, status=200, ask=_getter(client, path), same_from=same_from)
        for name, client, path, same_from in asked
    ]


def _lists_of_documents(size: int, customer: Client, kam: Client, busy: Client) -> list[Asked]:
    own = Document.objects.filter(reference__kam=_number_of(Role.KAM, 1)).count()
    deep = max(min(DEEP_PAGE, size // 14 // API_PAGE), 1)  # the busy KAM has a twelfth of all
    page = "/documents?page="
    return [
        ("documents, customer, page 1", customer, f"{page}1", 0),
        ("documents, customer, past the end", customer, f"{page}{DEEP_PAGE}", 0),
        ("documents, KAM, page 1", kam, f"{page}1", 0),
        ("documents, KAM, last page", kam, f"{page}{own // API_PAGE}", 0),
        ("documents, busy KAM, page 1", busy, f"{page}1", BUSY_FROM),
        (f"documents, busy KAM, page ≤ {DEEP_PAGE}", busy, f"{page}{deep}", BUSY_FROM),
    ]


def _lists_for_admin(size: int, admin: Client) -> list[Asked]:
    deep = min(DEEP_PAGE, size // API_PAGE)
    reference = Reference.objects.order_by("pk").values_list("pk", flat=True)[0]
    of_one, from_deep = f"/documents?referenceId={reference}", DEEP_PAGE * API_PAGE
    return [
        ("documents, ADMIN, page 1", admin, "/documents", 0),
        (f"documents, ADMIN, page ≤ {DEEP_PAGE}", admin, f"/documents?page={deep}", from_deep),
        ("documents, ADMIN, rejected", admin, "/documents?state=rejected", 0),
        ("documents, ADMIN, one reference", admin, of_one, 0),
    ]


def _admin_probes(size: int) -> list[Probe]:
    client = _in_the_admin(f"growth{size}@solarium.example")
    apps = {"challenge": "otp", "gatewaycall": "integrations", "user": "accounts"}
    found = []
    for model, query in _admin_lists(size):
        shown = query.partition("=")[0].partition("__")[0] or "page 1"
        shown = {"p": f"page ≤ {DEEP_PAGE}", "q": "search by id"}.get(shown, shown)
        path = f"/admin/{apps.get(model, 'documents')}/{model}/?{query}"
        found.append(
            Probe(
                name=f"admin {model}, {shown}",
                status=200,
                ask=_getter(client, path),
                admin=True,
                same_from=DEEP_PAGE * ADMIN_PAGE if query.startswith("p=") else 0,
            )
        )
    return found


def _in_the_admin(email: str) -> Client:
    client = Client(SERVER_NAME="127.0.0.1")
    admin = User.objects.create_superuser(email=email)
    second_factor.enrol(user=admin)
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get(user=admin).persistent_id
    session.save()
    return client


def _admin_lists(size: int) -> list[tuple[str, str]]:
    """Return each list with what is asked of it: first page, deep page, filter, search."""
    deep = min(DEEP_PAGE, size // ADMIN_PAGE)
    challenge = Challenge.objects.values_list("pk", flat=True)[0]
    call = GatewayCall.objects.values_list("correlation_id", flat=True)[0]
    document = Document.objects.values_list("pk", flat=True)[0]
    return [
        (model, query)
        for model, *queries in (
            ("challenge", "", f"p={deep}", "state__exact=failed", f"q={challenge}"),
            ("gatewaycall", "", f"p={deep}", "outcome__exact=unavailable", f"q={call}"),
            ("document", "", f"p={deep}", "state__exact=rejected", f"q={document}"),
            ("reference", ""),
            ("user", ""),
        )
        for query in queries
    ]


def _getter(client: Client, path: str | Callable[[], str]) -> Callable[[], HttpResponseBase]:
    return lambda: client.get(path if isinstance(path, str) else path())


def _signed_in(user: User) -> Client:
    app = next(app for app in App if user.role in ADMITS[app])
    token = issue_token(user=user, app=app, now=timezone.now()).token
    return Client(SERVER_NAME="127.0.0.1", headers={"authorization": f"Token {token}"})


def _number_of(role: str, number: int) -> UUID:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {user_id(role, str(number))}")
        return UUID(str(cursor.fetchone()[0]))


def _cycle(rows: Any, name: str) -> Iterator[Any]:
    """Give single values of rows from all over the table, again and again."""
    total = rows.count()
    step = max(total // SAMPLES, 1)
    ordered = rows.order_by("pk").values_list(name, flat=True)
    return itertools.cycle([ordered[at] for at in range(0, min(total, step * SAMPLES), step)])
