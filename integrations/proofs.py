"""Proves a key at its provider without sending anything, within one attempt's time.

No retries, breaker, slot or audit row: a command asks, a person waits, and `check_providers` must
get an answer while the breaker is open.
"""

from __future__ import annotations

from integrations import conf, transport
from integrations.clients.protocols import Client
from integrations.errors import AttemptFailed, GatewayAuthFailed, GatewayError
from integrations.results import Proof

NAMES = {"msg91": "MSG91", "sendgrid": "SendGrid", "azure_blob": "Azure Blob", "twilio": "Twilio"}
_REASONS = {
    ("msg91", "418"): (
        "MSG91 knows this key but refuses this server's IP address: add it to the list of allowed "
        "addresses in MSG91's panel."
    ),
    ("sendgrid", "no_mail_send"): "SendGrid knows this key, but it lacks the right mail.send.",
}


class KeyRefused(Exception):
    """The provider does not take the key; the text says why and holds no key."""


class NotProved(Exception):
    """The provider could not be asked; nothing is known about the key."""


def prove(*, provider: str, key: str) -> Proof:
    """Ask a provider whether it takes a key.

    Raises:
        KeyRefused: It does not, or not from here, or the key may not do what we need.
        NotProved: It did not answer, or not as it documents.
        GatewayMisconfigured: The provider has no usable channel in the settings.
    """
    client: Client = conf.client_of(provider)
    name = NAMES.get(provider, provider)
    try:
        with transport.attempt():
            return client.prove(key=key)
    except GatewayAuthFailed as refused:
        code = refused.provider_code
        raise KeyRefused(
            _REASONS.get((provider, code), f"{name} refuses this key ({code}).")
        ) from None
    except (AttemptFailed, GatewayError) as failed:
        reason = failed.reason if isinstance(failed, AttemptFailed) else failed.provider_code
        raise NotProved(f"{name} could not be asked ({reason}).") from None
