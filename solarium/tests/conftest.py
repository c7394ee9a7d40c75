from __future__ import annotations

from solarium.tests.report_world import told, webhooks

__all__ = ["told", "webhooks"]
