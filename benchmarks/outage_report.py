"""What `outage.py` prints: how each phase was, and whether the targets were reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.load import Load
from harness.tables import markdown, median, verdict
from outage_watch import Seen

PHASES = ("healthy", "hanging", "breaker open")
SAS_RATIO, OPEN_WITHIN_SECONDS, REFUSED_MS = 1.5, 10, 100
NEVER = 1e9


@dataclass(frozen=True, kw_only=True)
class Phase:
    """What SAS and /auth/me saw in one phase, and the codes the watchers asked for.

    ``busy``: the share of the processor time of all cores that was used, by whomever.
    """

    sas: Load
    me: Load
    codes: list[Seen]
    busy: float


@dataclass(frozen=True, kw_only=True)
class Outage:
    """One outage from healthy to over. Seconds; None: not seen."""

    phases: dict[str, Phase]
    opened_after: float | None
    closed_after: float | None
    sms: Load


def phases_table(outages: Sequence[Outage]) -> str:
    """Return one row a phase; medians over the outages, in milliseconds."""
    rows = []
    for name in PHASES:
        found = [outage.phases[name] for outage in outages]
        codes = [seen for phase in found for seen in phase.codes]
        statuses = sorted({seen.status for seen in codes})
        shown = ", ".join(
            f"{status}: {sum(s.status == status for s in codes)}" for status in statuses
        )
        rows.append(
            (
                name,
                f"{median(p.busy for p in found):.0%}",
                *(median(getattr(p.sas, at) for p in found) for at in ("p50", "p99", "per_second")),
                *(median(getattr(p.me, at) for p in found) for at in ("p50", "p99", "per_second")),
                sum(p.sas.bad_status + p.sas.lost + p.me.bad_status + p.me.lost for p in found),
                shown,
                median([seen.milliseconds for seen in codes] or [0.0]),
            )
        )
    header = (
        "MSG91",
        "CPU busy",
        "SAS p50 ms",
        "p99",
        "a second",
        "/auth/me p50 ms",
        "p99",
        "a second",
    )
    return markdown(
        header=(*header, "bad or lost", "watchers' sendOTP answers", "p50 ms"), rows=rows
    )


def targets_table(outages: Sequence[Outage]) -> str:
    """Return what was to be reached and what was; what was not seen counts as never."""
    sas = median(o.phases["hanging"].sas.p99 / o.phases["healthy"].sas.p99 for o in outages)
    opened = max(NEVER if o.opened_after is None else o.opened_after for o in outages)
    refused = [
        seen.milliseconds
        for outage in outages
        for seen in outage.phases["breaker open"].codes
        if seen.status == 503
    ]
    rows = [
        _row("SAS p99, hanging to healthy", sas, at_most=SAS_RATIO),
        _row("breaker open after (slowest), s", opened, at_most=OPEN_WITHIN_SECONDS),
        _row(
            "sendOTP's 503 while open, p50 ms",
            median(refused) if refused else NEVER,
            at_most=REFUSED_MS,
        ),
        _row("sendOTP without an answer", float(sum(o.sms.lost for o in outages)), at_most=0),
    ]
    closed = [o.closed_after for o in outages if o.closed_after is not None]
    if closed:
        rows.append(("breaker closed after MSG91 is back, s", median(closed), "", ""))
    return markdown(header=("", "reached", "target", "verdict"), rows=rows)


def _row(what: str, reached: float, *, at_most: float) -> tuple[object, ...]:
    shown = "not seen" if reached == NEVER else reached
    return (what, shown, f"≤ {at_most:g}", verdict(ratio=reached, at_most=at_most))
