"""Every statement that a request of `growth_probes` makes, timed on its way out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Statement:
    """One statement as it left Django, and how long PostgreSQL took to answer it."""

    sql: str
    parameters: Any
    milliseconds: float


@dataclass
class Recorder:
    """An ``execute_wrapper`` that keeps what went through it."""

    statements: list[Statement] = field(default_factory=list)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took = (time.perf_counter() - started) * 1000
            self.statements.append(Statement(sql, params, took))


@contextmanager
def recorded() -> Iterator[Recorder]:
    """Record the statements of this thread's connection."""
    recorder = Recorder()
    with connection.execute_wrapper(recorder):
        yield recorder
