"""The stand-ins on a free port."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.tests.serving import serving


@pytest.fixture
def sandbox_url() -> Iterator[str]:
    """A fresh sandbox."""
    with serving() as url:
        yield url
