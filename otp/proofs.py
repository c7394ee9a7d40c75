"""Install proofs: what an app that proved a phone once shows again (S18).

Signed, never encrypted: it names an install, and a keyed fingerprint of the phone in place of the
phone itself. Nothing is stored until an install uses it.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core import signing

from integrations import redact

HEADER: Final = "X-Install-Proof"
SALT: Final = "otp.install_proof"
MOST_CHARACTERS: Final = 512  # ours have about 160


@dataclass(frozen=True)
class InstallProof:
    """A proof that we signed and that is not too old; of which phone, `is_for` tells."""

    install_id: UUID
    phone_mark: str

    def is_for(self, phone_e164: str) -> bool:
        """Whether it was given for this phone."""
        return hmac.compare_digest(self.phone_mark, _mark(phone_e164))


def make(*, install_id: UUID, phone_e164: str) -> str:
    """Return a proof that is good for `INSTALL_PROOF_DAYS` from now."""
    signer = signing.TimestampSigner(salt=SALT)
    return signer.sign_object({"i": install_id.hex, "p": _mark(phone_e164)})


def read(text: str) -> InstallProof | None:
    """Return the proof that a header holds; None for anything else, whatever it is."""
    if not text or len(text) > MOST_CHARACTERS:
        return None
    try:
        told = signing.TimestampSigner(salt=SALT).unsign_object(
            text, max_age=timedelta(days=settings.INSTALL_PROOF_DAYS)
        )
    except signing.BadSignature:
        return None
    return InstallProof(install_id=UUID(told["i"]), phone_mark=told["p"])


def _mark(phone_e164: str) -> str:
    # Not the fingerprint that stands in our rows: who holds a proof must not learn that.
    return redact.fingerprint(f"install proof {phone_e164}")[:32]
