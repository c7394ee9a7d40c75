"""Which keys the stand-ins take, and what SendGrid's may do; changed while they run."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox import msg91, sendgrid, twilio


@dataclass(kw_only=True)
class Keys:
    """Rights by key, for each provider; those of MSG91 and Twilio have none to list."""

    taken: dict[str, dict[str, list[str]]] = field(
        default_factory=lambda: {
            "msg91": {msg91.AUTH_KEY: []},
            "sendgrid": {sendgrid.API_KEY: list(sendgrid.SCOPES)},
            "twilio": {twilio.AUTH_TOKEN: []},
        }
    )

    def change(self, order: object, *, taken: bool) -> None:
        """Let a key in, or no more.

        Args:
            order: ``{"provider": …, "key": …}``; for a key of SendGrid that is let in also
                ``"scopes"``, what it may do (else: send).

        Raises:
            ValueError: The text says what is wrong.
        """
        known = {"provider", "key", "scopes"} if taken else {"provider", "key"}
        if not isinstance(order, dict) or not {"provider", "key"} <= order.keys() <= known:
            raise ValueError('the body is {"provider": …, "key": …}, for SendGrid also "scopes"')
        provider, key = order["provider"], order["key"]
        if not isinstance(provider, str) or provider not in self.taken:
            raise ValueError(f"provider must be one of: {', '.join(self.taken)}")
        if not isinstance(key, str) or not key:
            raise ValueError("key must be a text")
        scopes = order.get("scopes", list(sendgrid.SCOPES) if provider == "sendgrid" else [])
        if not isinstance(scopes, list) or not all(isinstance(each, str) for each in scopes):
            raise ValueError("scopes must be a list of texts")
        if taken:
            self.taken[provider][key] = scopes
        else:
            self.taken[provider].pop(key, None)
