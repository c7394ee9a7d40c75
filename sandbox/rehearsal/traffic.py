"""Light, steady traffic: each flow begins anew at a steady pace, whether or not the last ended."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.local import pdf
from sandbox.local.phones import some_phone
from sandbox.rehearsal.calls import Backend, Record, Step, ask_storage
from sandbox.rehearsal.people import Customer, People, some_address
from sandbox.rehearsal.plan import Plan
from sandbox.rehearsal.stand_ins import NotReady, StandIns

SEND_CODE = Step(flow="Codes by SMS", name="code sent", provider="msg91")
STATE = Step(flow="Codes by SMS", name="state looked at")
VERIFY = Step(flow="Codes by SMS", name="code verified")
MAIL = Step(flow="Mail", name="mail sent", provider="sendgrid")
UPLOAD_LINK = Step(flow="Documents up", name="link given")
PUT = Step(flow="Documents up", name="file put", is_direct=True)
CONFIRM = Step(flow="Documents up", name="upload confirmed", provider="azure_blob")
# Whoever saw the upload fail asks whether it arrived; a no is the right answer.
ASK = Step(
    flow="Documents up", name="failed one asked for", provider="azure_blob", fine=("not_uploaded",)
)
DOWNLOAD_LINK = Step(flow="Documents down", name="link given", provider="azure_blob")
GET = Step(flow="Documents down", name="file fetched", is_direct=True)
STEPS = (SEND_CODE, STATE, VERIFY, MAIL, UPLOAD_LINK, PUT, CONFIRM, ASK, DOWNLOAD_LINK, GET)
FLOWS = tuple(dict.fromkeys(step.flow for step in STEPS))

INBOX_SECONDS = 5.0
MAIL_ADDRESS = "rehearsal@customers.example"


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What was accepted and must arrive: phones, mails by title; states of codes, when seen."""

    phones: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    states: list[tuple[float, str]] = field(default_factory=list)


@dataclass(kw_only=True)
class Traffic:
    """Four flows; what came of them is in ``record`` and ``sent``."""

    plan: Plan
    people: People
    sandbox: StandIns
    record: Record = field(default_factory=Record)
    sent: Sent = field(default_factory=Sent)
    _over: threading.Event = field(default_factory=threading.Event)
    _rounds: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin; each flow has a thread that starts its rounds."""
        for place, walk in enumerate((self._code, self._mail, self._upload, self._download)):
            # Apart from each other, so that four flows do not always meet at the same moment.
            first = place * self.plan.every_seconds / 4
            pacer = threading.Thread(target=self._pace, args=[walk, first], daemon=True)
            self._rounds.append(pacer)
            pacer.start()

    def stop(self) -> None:
        """Begin no further round."""
        self._over.set()

    def wait(self) -> None:
        """Wait for the rounds that are under way, as long as any may take."""
        most = 2 * self.plan.answer_within_seconds + self.plan.patience_seconds + INBOX_SECONDS
        ends_at = time.monotonic() + most
        for one in list(self._rounds):
            one.join(max(ends_at - time.monotonic(), 0))

    def _pace(self, walk: Callable[[int], None], first: float) -> None:
        number = 0
        while not self._over.wait(
            max(first + number * self.plan.every_seconds - self.record.now(), 0)
        ):
            one = threading.Thread(target=walk, args=[number], daemon=True)
            self._rounds.append(one)
            one.start()
            number += 1

    def _somebody(self) -> Backend:
        address = some_address() if self.people.have_addresses else ""
        return Backend(url=self.plan.backend_url, record=self.record, address=address)

    def _code(self, number: int) -> None:
        person, phone = self._somebody(), some_phone()
        body = {"phone": phone, "app": "CUSTAP"}
        sent = person.ask(SEND_CODE, "POST", "/integrations/sendOTP", body=body)
        if not sent:
            return
        self.sent.phones.append(phone.lstrip("+"))
        try:
            code = self.sandbox.wait_for_code(phone=phone, seconds=INBOX_SECONDS)
        except NotReady:
            return  # shows as a code that did not arrive
        if not code:
            return
        self._over.wait(self.plan.every_seconds)  # people read and type
        looked_at = self.record.now()
        state = person.ask(STATE, "GET", f"/integrations/otp/{sent['challengeId']}")
        self.sent.states.append((looked_at, str(state.get("state", ""))))
        proof = {"challengeId": sent["challengeId"], "otp": code}
        person.ask(VERIFY, "POST", "/integrations/verifyOTP", body=proof)

    def _mail(self, number: int) -> None:
        title = f"Rehearsal {secrets.token_hex(8)}"
        body = {
            "template": "system_notice",
            "to": MAIL_ADDRESS,
            "context": {"title": title, "message": "All is well."},
        }
        token = self.people.staff[number % len(self.people.staff)]
        if self._somebody().ask(MAIL, "POST", "/integrations/sendEmail", token=token, body=body):
            self.sent.titles.append(title)

    def _upload(self, number: int) -> None:
        person, token = self._somebody(), self._customer(number).token
        issued = person.ask(UPLOAD_LINK, "GET", "/documents/sas?docType=KYC", token=token)
        if not issued:
            return
        put = ask_storage(
            PUT,
            "PUT",
            issued["sasUrl"],
            record=self.record,
            seconds=self.plan.patience_seconds,
            headers=issued["headers"],
            content=pdf.one_page(f"Rehearsal {secrets.token_hex(8)}"),
        )
        path = f"/documents/{issued['documentId']}/confirm"
        person.ask(ASK if put is None else CONFIRM, "POST", path, token=token)

    def _download(self, number: int) -> None:
        customer = self._customer(number)
        path = f"/documents/sas?documentId={customer.document}"
        issued = self._somebody().ask(DOWNLOAD_LINK, "GET", path, token=customer.token)
        if issued:
            ask_storage(
                GET,
                "GET",
                issued["sasUrl"],
                record=self.record,
                seconds=self.plan.patience_seconds,
            )

    def _customer(self, number: int) -> Customer:
        return self.people.customers[number % len(self.people.customers)]
