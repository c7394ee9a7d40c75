"""What other apps may want to record of this one, which knows none of them."""

from __future__ import annotations

from django.dispatch import Signal

# Sent with kind ("key_rotation", "provider_switched", "alert_seen"), detail and actor_id (or None).
ops_action = Signal()
