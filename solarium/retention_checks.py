"""System checks of how long records are kept."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from solarium import purging

HINT = "See docs/settings.md."
LEAST_DAYS = 365  # access logs: a year (DPDP Rules 2025, rule 6); logs 180 days (CERT-In, 2022)
MOST_DIGEST_DAYS = 1


@register("solarium")
def check_days(**kwargs: Any) -> list[CheckMessage]:
    """E007: a number of days that cannot be meant; `purge_records` refuses it too."""
    return [
        Error(sentence, hint=HINT, id="solarium.E007") for sentence in purging.settings_problems()
    ]


@register("solarium", Tags.security, deploy=True)
def check_lawful_days(**kwargs: Any) -> list[CheckMessage]:
    """W003: kept for less than the law asks; W004: digests of codes kept for too long."""
    problems: list[CheckMessage] = []
    for name in purging.SETTINGS:
        days = getattr(settings, name)
        if name != "KEEP_DIGESTS_DAYS" and 0 < days < LEAST_DAYS:
            problems.append(
                Warning(
                    f"{name} is {days}: the law asks for a year.", hint=HINT, id="solarium.W003"
                )
            )
    if settings.KEEP_DIGESTS_DAYS > MOST_DIGEST_DAYS:
        problems.append(
            Warning(
                "KEEP_DIGESTS_DAYS is more than 1: a code is of no use after two minutes.",
                hint=HINT,
                id="solarium.W004",
            )
        )
    return problems
