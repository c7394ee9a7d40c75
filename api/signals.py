"""What other apps may want to know of answers that refuse; this app knows none of them."""

from __future__ import annotations

from django.dispatch import Signal

# Sent for every problem from 400 to 499 that a view raises, or Django's own check of a right, with
# status, code, user_id (the caller's, or None) and address (the caller's, as api.address gives it).
request_refused = Signal()
