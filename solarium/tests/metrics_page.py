"""Reading Prometheus text."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families


def figures(page: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return what the page says, by `series`."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
    }


def series(name: str, **labels: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    return f"solarium_{name}", tuple(sorted(labels.items()))
