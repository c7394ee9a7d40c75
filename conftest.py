from __future__ import annotations

pytest_plugins = ["integrations.testing", "solarium.testing"]
