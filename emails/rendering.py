"""From a template's name and values to subject, text and HTML."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.template import Context, Engine

from emails.templates import TEMPLATES, ContextError, check_context

ROOT = Path(__file__).resolve().parent.parent / "templates"


@dataclass(frozen=True, kw_only=True)
class RenderedEmail:
    """What goes to the provider; not to a log: it may hold a reset link."""

    subject: str
    text: str
    html: str

    def __repr__(self) -> str:
        return "RenderedEmail()"


@functools.cache
def _engine(*, escape: bool) -> Engine:
    return Engine(dirs=[str(ROOT)], autoescape=escape)


def render(*, template: str, context: Mapping[str, object]) -> RenderedEmail:
    """Render a mail; only its HTML is escaped.

    Raises:
        KeyError: There is no such template.
        ContextError: The context is not what the template declares.
    """
    values = check_context(template=TEMPLATES[template], context=context)

    def part(file: str, *, escape: bool) -> str:
        page = _engine(escape=escape).get_template(f"email/{template}/{file}")
        return page.render(Context(values, autoescape=escape))

    subject = part("subject.txt", escape=False).strip()
    if "\n" in subject or "\r" in subject:
        raise ContextError(
            field="subject", code="control_character", detail="The subject must be one line."
        )
    return RenderedEmail(
        subject=subject,
        text=part("body.txt", escape=False).strip() + "\n",
        html=part("body.html", escape=True),
    )
