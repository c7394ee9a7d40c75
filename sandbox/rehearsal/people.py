"""Who uses the service meanwhile: staff of our own, gone afterwards, and customers who log in."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass

from django.db import DatabaseError, transaction

from accounts.models import User
from accounts.roles import Role
from sandbox.local import pdf
from sandbox.local.phones import some_phone
from sandbox.rehearsal.calls import Backend, Record, Step, ask_storage
from sandbox.rehearsal.plan import Plan
from sandbox.rehearsal.stand_ins import NotReady, StandIns

SPARE_LINKS = 3  # the document that each has before it begins, and a pair that does not divide
INBOX_SECONDS = 5.0
_PREPARED = Step(flow="prepared", name="prepared")


@dataclass(frozen=True, kw_only=True)
class Customer:
    """Somebody logged in by SMS, with one document of their own to download."""

    token: str
    document: str


@dataclass(frozen=True, kw_only=True)
class People:
    """Tokens of staff, and customers; each is used in turn."""

    staff: tuple[str, ...]
    customers: tuple[Customer, ...]
    have_addresses: bool


def some_address() -> str:
    """Return an address of this machine: the limits are counted by address."""
    return f"127.{1 + secrets.randbelow(254)}.{secrets.randbelow(256)}.{1 + secrets.randbelow(254)}"


def make_staff(*, into: dict[str, str], count: int) -> None:
    """Make KAM accounts for this rehearsal alone, all or none; add their passwords by address.

    Raises:
        NotReady: The database cannot be written.
    """
    try:
        with transaction.atomic():
            for _ in range(count):
                email, password = f"rehearsal-{secrets.token_hex(6)}@solarium.example", _password()
                into[email] = password
                User.objects.create_user(
                    role=Role.KAM, email=email, name="Outage rehearsal", password=password
                )
    except DatabaseError as err:
        into.clear()  # to remove them is to ask the same database
        raise NotReady("The database is not ready; is this the backend's environment?") from err


def remove_staff(staff: dict[str, str]) -> None:
    """Remove them, and their sessions with them."""
    User.objects.filter(email__in=list(staff)).delete()


def staff_needed(plan: Plan) -> int:
    """Return how many accounts share the mails."""
    return _people_for(plan.rounds, each=plan.limits.mails_each)


def customers_needed(plan: Plan) -> int:
    """Return how many customers share the links, one up and one down a round."""
    links = plan.limits.links_each
    return _people_for(2 * plan.rounds, each=links and max(links - SPARE_LINKS, 1))


def log_in(*, plan: Plan, staff: dict[str, str]) -> tuple[str, ...]:
    """Log the staff in; return their tokens.

    Raises:
        NotReady: The backend is away, or uses another database.
    """
    backend = Backend(url=plan.backend_url, record=Record())
    if not backend.ask(_PREPARED, "GET", "/healthz"):
        raise NotReady(f"No backend answers at {plan.backend_url}; bin/run starts one.")
    return tuple(
        _token(backend, "/auth/login", {"email": email, "password": password})
        for email, password in staff.items()
    )


def gather(*, plan: Plan, staff: tuple[str, ...], sandbox: StandIns) -> People:
    """Log customers in and give each a document; ``staff`` are the tokens.

    Raises:
        NotReady: The backend is another one, or does not do what it must.
    """
    backend = Backend(url=plan.backend_url, record=Record())
    customers = tuple(_customer(plan, backend, sandbox) for _ in range(customers_needed(plan)))
    lent = Backend(url=plan.backend_url, record=Record(), address=some_address())
    return People(
        staff=staff,
        customers=customers,
        have_addresses=bool(lent.ask(_PREPARED, "GET", "/healthz")),
    )


def _people_for(requests: int, *, each: int) -> int:
    return math.ceil(requests / each) if each else 1


def _password() -> str:
    return secrets.token_urlsafe(24)


def _token(backend: Backend, path: str, body: dict[str, str]) -> str:
    token = str(backend.ask(_PREPARED, "POST", path, body=body).get("token", ""))
    if not token:
        raise NotReady(
            f"The backend at {backend.url} does not know the account just made: it uses another "
            "database. Run this in the backend's environment."
        )
    return token


def _customer(plan: Plan, backend: Backend, sandbox: StandIns) -> Customer:
    phone = some_phone()
    sent = backend.ask(
        _PREPARED, "POST", "/integrations/sendOTP", body={"phone": phone, "app": "CUSTAP"}
    )
    if not sent:
        raise NotReady(f"The backend sends no code: {_why(backend)}.")
    code = sandbox.wait_for_code(phone=phone, seconds=INBOX_SECONDS)
    if not code:
        raise NotReady(
            f"The backend does not talk to the sandbox at {plan.sandbox_url}: it sent a code that "
            "did not come into the inbox."
        )
    body = {"challengeId": str(sent["challengeId"]), "otp": code}
    token = _token(backend, "/integrations/verifyOTP", body)
    return Customer(token=token, document=_document(plan, backend, token))


def _document(plan: Plan, backend: Backend, token: str) -> str:
    issued = backend.ask(_PREPARED, "GET", "/documents/sas?docType=KYC", token=token)
    if not issued:
        raise NotReady(f"The backend gives no link: {_why(backend)}.")
    if plan.provider == "azure_blob" and not _goes_through(plan.sandbox_url, issued["sasUrl"]):
        raise NotReady("The backend's storage does not go through the sandbox.")
    put = ask_storage(
        _PREPARED,
        "PUT",
        issued["sasUrl"],
        record=Record(),
        seconds=plan.patience_seconds,
        headers=issued["headers"],
        content=pdf.one_page("Rehearsal"),
    )
    path = f"/documents/{issued['documentId']}/confirm"
    if put is None or not backend.ask(_PREPARED, "POST", path, token=token):
        raise NotReady(f"The storage takes no document: {_why(backend)}.")
    return str(issued["documentId"])


def _goes_through(sandbox_url: str, link: str) -> bool:
    return link.split("/")[2].rpartition(":")[2] == sandbox_url.rpartition(":")[2]


def _why(backend: Backend) -> str:
    last = backend.record.calls()[-1]
    return f"{last.status} {last.code}".strip() if last.status else "no answer"
