"""What one made-up request does is taken back, or each would depend on all before it."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction


class Undone(transaction.Atomic):
    """A transaction that is always rolled back."""

    def __init__(self) -> None:
        super().__init__(using=DEFAULT_DB_ALIAS, savepoint=True, durable=False)
        self._from_testcase = True  # calls to providers refuse every other transaction

    def __exit__(self, *error: Any) -> None:
        transaction.set_rollback(True)
        super().__exit__(*error)
