"""What each fault must look like from outside; docs/architecture.md says why.

Read as a contract: the sentences stand here once more, so that a change to them is noticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Alert = Literal["", "failures", "refused_by_provider"]

# By provider: code before the underscore, the sentence for people, whether calls are tried again.
_SMS = ("sms", "Unable to send OTP. Please try again.", True)
_EMAIL = ("email", "Unable to send email. Please try again.", True)
_STORAGE = ("storage", "Document storage is unavailable. Please try again shortly.", False)
_CHANNELS = {"msg91": _SMS, "sendgrid": _EMAIL, "azure_blob": _STORAGE}

# No answer, or one that means "not now": tried again, counted by the breaker.
_DOWN = ("timeout", "drip", "500", "502-html", "reset")
# An answer that means "never like this": ops are told at once.
_REFUSED = {
    "msg91": ("200-error", "bad-key"),
    "sendgrid": ("bad-key", "no-credit"),
    "azure_blob": ("bad-key",),
}
# An answer all the same, so the breaker stays closed; too many of them are an alert.
# The storage says 503 where others say 429: that is a failure like any 5xx.
_FAILING = {"msg91": ("429",), "sendgrid": ("429", "200-error"), "azure_blob": ("200-error",)}
_BUSY = {"msg91": (), "sendgrid": (), "azure_blob": ("429",)}
_UNNOTICED = {
    "msg91": ("slow", "no-report"),
    "sendgrid": ("slow", "no-report"),
    "azure_blob": ("slow",),
}


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What must come of a fault.

    ``status``, ``code``, ``detail``: what users are told; 0 and empty where they notice nothing.
    ``alert``: its kind; empty: none may come.
    """

    status: int
    code: str
    detail: str
    alert: Alert
    opens_breaker: bool
    is_retried: bool

    @property
    def is_noticed(self) -> bool:
        """Whether users see anything at all."""
        return bool(self.status)


def expect(*, provider: str, fault: str) -> Expected | None:
    """Return what must come of a fault; None where nobody rehearses it."""
    name, detail, is_retried = _CHANNELS.get(provider, ("", "", False))
    if not name:
        return None
    if fault in _UNNOTICED[provider]:
        return Expected(
            status=0, code="", detail="", alert="", opens_breaker=False, is_retried=is_retried
        )
    refused = fault in _REFUSED[provider]
    is_down = fault in (*_DOWN, *_BUSY[provider])
    if not (refused or is_down or fault in _FAILING[provider]):
        return None
    # The storage's own no is told like an outage: its users can do nothing else.
    is_final = refused and name != "storage"
    return Expected(
        status=502 if is_final else 503,
        code=f"{name}_rejected" if is_final else f"{name}_unavailable",
        detail=detail,
        alert="refused_by_provider" if refused else "failures",
        opens_breaker=is_down,
        is_retried=is_retried,
    )


def rehearsed() -> dict[str, list[str]]:
    """Return the faults of each provider that can be rehearsed."""
    return {
        provider: [
            *_DOWN,
            *_BUSY[provider],
            *_FAILING[provider],
            *_REFUSED[provider],
            *_UNNOTICED[provider],
        ]
        for provider in _CHANNELS
    }
