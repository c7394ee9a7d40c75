"""What the gateways expect of a client; a second provider of a channel implements the same."""

from __future__ import annotations

from typing import Protocol

from integrations.results import BlobProperties, Done, EmailReceipt, SMSReceipt


class Client(Protocol):
    @property
    def provider(self) -> str: ...

    @property
    def key(self) -> str: ...


class SMSClient(Client, Protocol):
    def send_otp(self, *, to: str, code: str) -> SMSReceipt: ...


class EmailClient(Client, Protocol):
    def send_email(
        self,
        *,
        to: str,
        subject: str,
        text: str,
        html: str,
        kind: str,
        reference: str,
        sandbox: bool,
    ) -> EmailReceipt: ...


class BlobClient(Client, Protocol):
    def get_properties(self, *, blob: str) -> BlobProperties: ...

    def delete(self, *, blob: str) -> Done: ...
