"""Filters of the admin's templates."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from solarium.labels import label, ms

register = template.Library()


@register.filter
def state_label(value: str) -> SafeString:
    """Return a state as a colored label."""
    return label(str(value))


register.filter(ms)
