"""What the gateways expect of a client; a second provider of a channel implements the same.

``keys`` are the environment's; what an attempt asks with, it is given. What a client is asked to do
goes by one name in audit rows, metrics and errors, whichever provider does it.
"""

from __future__ import annotations

from typing import Final, Protocol

from integrations.messages import OutgoingCode, OutgoingMail
from integrations.results import BlobContent, BlobProperties, Done, EmailReceipt, Proof, SMSReceipt

SEND_OTP: Final = "send_otp"
SEND_EMAIL: Final = "send_email"
PROVE_KEY: Final = "prove_key"


class Client(Protocol):
    @property
    def provider(self) -> str: ...

    @property
    def keys(self) -> tuple[str, ...]: ...

    def prove(self, *, key: str) -> Proof: ...


class SMSClient(Client, Protocol):
    def send_otp(self, *, key: str, code: OutgoingCode) -> SMSReceipt: ...


class EmailClient(Client, Protocol):
    def send_email(self, *, key: str, mail: OutgoingMail) -> EmailReceipt: ...


class BlobClient(Client, Protocol):
    def get_properties(self, *, key: str, blob: str) -> BlobProperties: ...

    def read(self, *, key: str, blob: str, most_bytes: int) -> BlobContent: ...

    def upload(
        self, *, key: str, blob: str, content: bytes, content_type: str, replaces: str
    ) -> BlobProperties: ...

    def delete(self, *, key: str, blob: str) -> Done: ...
