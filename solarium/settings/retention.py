"""How long records are kept, in whole days; `manage.py purge_records` removes what is older."""

from __future__ import annotations

from solarium import environment as e

KEEP_CHALLENGES_DAYS = e.whole("KEEP_CHALLENGES_DAYS", 400)
KEEP_CALLS_DAYS = e.whole("KEEP_CALLS_DAYS", 400)
KEEP_EVENTS_DAYS = e.whole("KEEP_EVENTS_DAYS", 400)
KEEP_DIGESTS_DAYS = e.whole("KEEP_DIGESTS_DAYS", 1)
