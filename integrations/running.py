"""A call under way: what `integrations.calls` knows of it, and how its end is put on record."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from integrations import alerts, audit, metrics
from integrations.errors import GatewayError
from integrations.fallback import CallKeys
from integrations.models import Outcome

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class RunningCall:
    """One call under way: its audit row, its keys and the attempts so far."""

    id: UUID
    provider: str
    operation: str
    keys: CallKeys
    attempts: list[dict[str, Any]] = field(default_factory=list)
    maybe_accepted: bool = False
    nothing_sent: bool = True  # as long as no attempt says otherwise

    def record(
        self, *, started_at: datetime, seconds: float, error: str, http_status: int | None
    ) -> None:
        """Note an attempt that ended."""
        self.attempts.append(
            {
                "started": started_at.isoformat(),
                "ms": round(seconds * 1000),
                "httpStatus": http_status,
                "error": error,
                **self.keys.note(),
            }
        )

    def finish(
        self,
        outcome: Outcome,
        *,
        message_id: str = "",
        code: str = "",
        failure: bool = True,
        error: GatewayError | None = None,
    ) -> None:
        """Finish the audit row once, count the call, and tell ops of what failed."""
        audit.finish(
            self.id,
            outcome=outcome,
            failure=failure,
            key=self.keys.current,
            attempts=self.attempts,
            provider_message_id=message_id,
            provider_code=code,
        )
        metrics.call_finished(provider=self.provider, operation=self.operation, outcome=outcome)
        if failure:
            logger.error(
                "gateway call failed",
                extra={
                    "provider": self.provider,
                    "operation": self.operation,
                    "outcome": str(outcome),
                    "provider_code": code,
                    "attempts": len(self.attempts),
                    "call_id": str(self.id),
                },
            )
            alerts.after_failure(provider=self.provider, code=code, error=error)
        if self.keys.refusal is not None:
            # Whatever became of the call by its fallback: the key in use is refused.
            refusal = self.keys.refusal
            alerts.after_failure(provider=self.provider, code=refusal.provider_code, error=refusal)
