from __future__ import annotations

from solarium.tests.admin_rows import world
from solarium.tests.admin_world import ops, staff
from solarium.tests.openapi_world import description, operations
from solarium.tests.report_world import told, webhooks

__all__ = ["description", "operations", "ops", "staff", "told", "webhooks", "world"]
