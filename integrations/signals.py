"""What other apps may want to record of this one, which knows none of them."""

from __future__ import annotations

from django.dispatch import Signal

# Sent with kind ("key_rotation", "provider_switched", "alert_seen",
# "suppression_lifted"), detail and actor_id (or None).
ops_action = Signal()

# Sent once a batch of reports from a provider, after they were kept, with reports: a list of
# results.DeliveryReport. Only of what is new, and about a call of ours to this very recipient.
delivery_reported = Signal()
