"""Which mails there are, what each needs, and what its values may hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from emails.links import is_own_link

MULTILINE: Final = frozenset({"message", "reason"})
LINK: Final = "link"
MAX_LINE_LENGTH: Final = 200
MAX_TEXT_LENGTH: Final = 2000
_CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, kw_only=True)
class EmailTemplate:
    """One mail.

    ``by_staff``: people may send it with values of their own, so its link must be one of ours;
    the others are sent by the backend with a link that it built.
    """

    name: str
    placeholders: tuple[str, ...]
    by_staff: bool


TEMPLATES: Final[Mapping[str, EmailTemplate]] = {
    template.name: template
    for template in (
        EmailTemplate(name="password_reset", placeholders=("username", "link"), by_staff=False),
        EmailTemplate(name="password_changed", placeholders=("username",), by_staff=False),
        EmailTemplate(name="system_notice", placeholders=("title", "message"), by_staff=True),
        EmailTemplate(
            name="quotation_ready",
            placeholders=("customerName", "quotationNumber", "link"),
            by_staff=True,
        ),
        EmailTemplate(
            name="document_rejected",
            placeholders=("customerName", "documentName", "reason"),
            by_staff=True,
        ),
    )
}


class ContextError(ValueError):
    """A value that the template does not take; ``field`` is the placeholder's name."""

    def __init__(self, *, field: str, code: str, detail: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code
        self.detail = detail


def check_context(*, template: EmailTemplate, context: Mapping[str, object]) -> dict[str, str]:
    """Return the context once it holds exactly the placeholders, each fit for a mail.

    Raises:
        ContextError: ``required``, ``unknown_field``, ``invalid``, ``blank``, ``max_length``,
            ``control_character`` or ``foreign_link``.
    """
    for name in context:
        if name not in template.placeholders:
            raise ContextError(
                field=str(name)[:64], code="unknown_field", detail="Unknown placeholder."
            )
    return {name: _checked(template, name, context) for name in template.placeholders}


def _checked(template: EmailTemplate, name: str, context: Mapping[str, object]) -> str:
    if name not in context:
        raise ContextError(field=name, code="required", detail="This placeholder is required.")
    value = context[name]
    if not isinstance(value, str):
        raise ContextError(field=name, code="invalid", detail="Must be a string.")
    if not value.strip():
        raise ContextError(field=name, code="blank", detail="This may not be blank.")
    longest = MAX_TEXT_LENGTH if name in MULTILINE or name == LINK else MAX_LINE_LENGTH
    if len(value) > longest:
        raise ContextError(
            field=name, code="max_length", detail=f"At most {longest} characters are allowed."
        )
    allowed = "\n" if name in MULTILINE else ""
    if any(unicodedata.category(c) in _CONTROL and c not in allowed for c in value):
        raise ContextError(
            field=name, code="control_character", detail="Control characters are not allowed."
        )
    if name == LINK and template.by_staff and not is_own_link(value):
        raise ContextError(
            field=name, code="foreign_link", detail="The link must lead to one of our own sites."
        )
    return value
