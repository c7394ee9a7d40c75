"""System checks of the SMS texts: an edit that operators drop is found before deploy (S68)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from accounts.roles import App
from otp import codes, text_rules, texts

HINT = "See docs/front-end-guide.md, section Autofill."


@register("otp")
def check_texts(**kwargs: Any) -> list[CheckMessage]:
    """E001 to E007: a text that is missing or would be dropped; E008: two texts, one template."""
    return [problem for app in texts.APPS for problem in _check(app)] + list(_one_template())


def _check(app: App) -> Iterator[CheckMessage]:
    path = texts.sent_path(app)
    try:
        sent, registered = texts.read(path), texts.read(texts.registered_path(app))
    except (OSError, UnicodeDecodeError) as err:
        text = f"{path.name} or its registered text cannot be read: {type(err).__name__}."
        yield Error(text, hint=HINT, id="otp.E001")
        return
    for mistake in text_rules.find_mistakes(
        sent=sent,
        registered=registered,
        longest={texts.PLACEHOLDER.strip("#"): codes.CODE_DIGITS},
        valid_seconds=settings.OTP_VALID_SECONDS,
    ):
        yield _error(f"{path.name}: {mistake.text}", rule=mistake.rule)


def _error(text: str, *, rule: str) -> CheckMessage:
    errors = {
        "differs": Error(text, hint=HINT, id="otp.E002"),
        "variable": Error(text, hint=HINT, id="otp.E003"),
        "alphabet": Error(text, hint=HINT, id="otp.E004"),
        "length": Error(text, hint=HINT, id="otp.E005"),
        "autofill": Error(text, hint=HINT, id="otp.E006"),
        "life": Error(text, hint=HINT, id="otp.E007"),
    }
    return errors[rule]


def _one_template() -> Iterator[CheckMessage]:
    """Two texts need two templates at MSG91: it sends what its template says, not our file."""
    seen: dict[str, str] = {}
    for app in texts.APPS:
        template = settings.MSG91_OTP_TEMPLATE_IDS[app] or settings.MSG91_OTP_TEMPLATE_ID
        try:
            text = texts.read(texts.sent_path(app))
        except (OSError, UnicodeDecodeError):
            continue  # E001 says so
        if seen.setdefault(template, text) != text:
            yield Error(
                "The texts of the apps differ, but MSG91 has one template for both: set "
                "MSG91_OTP_TEMPLATE_ID_CPAPP and MSG91_OTP_TEMPLATE_ID_CUSTAP.",
                hint=HINT,
                id="otp.E008",
            )
