"""What operators and phones ask of the text of an SMS; a text that breaks a rule is dropped.

Operators compare each SMS with the text on the DLT portal, character by character, and drop what
differs without telling us. Read 2026-11-24 in help pages of MSG91 and of two resellers (tags since
January 2026), Google's guide of the SMS Retriever, and WICG's "Origin-bound one-time codes".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

MAX_SEPTETS: Final = 160  # one SMS in the GSM alphabet
MAX_RETRIEVER_BYTES: Final = 140  # Android's SMS Retriever reads no longer ones
MAX_VALUE: Final = 30  # what an operator takes for one variable
TAGS: Final = ("numeric", "alphanumeric")  # the tags that admit a code

# GSM 03.38: the basic alphabet, and what needs an escape and so counts twice.
GSM_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION: Final = frozenset("^{}\\[~]|€")

_VARIABLE = "\0"  # stands for one in texts that are compared
_OURS = re.compile(r"##(\w*)##")
_REGISTERED = re.compile(r"\{#(\w*)#\}")
_HASH = re.compile(r"[A-Za-z0-9+/]{11}")
_WEB_OTP = re.compile(rf"@[a-z0-9\-]+(?:\.[a-z0-9\-]+)+ #{_VARIABLE}")
_LIFE = re.compile(r"\b(\d+) (second|minute)s?\b")


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """Which rule a text breaks, and how, as a sentence."""

    rule: str
    text: str


def find_mistakes(
    *, sent: str, registered: str, longest: Mapping[str, int], valid_seconds: int
) -> Iterator[Mistake]:
    """Yield what is wrong with a text, the gravest first.

    Args:
        sent: With MSG91's placeholders: ``##OTP##``.
        registered: As on the DLT portal, with typed variables: ``{#numeric#}``.
        longest: The most characters that are put in for each placeholder.
        valid_seconds: How long a code lives; the text must say the same.
    """
    names, tags = _OURS.findall(sent), _REGISTERED.findall(registered)
    plain = _OURS.sub(_VARIABLE, sent)
    yield from _differences(plain, _REGISTERED.sub(_VARIABLE, registered))
    yield from _variables(names, tags, longest)
    filled = sum(longest.get(name, MAX_VALUE) for name in names)
    yield from _length(plain, filled)
    yield from _last_line(plain, filled)
    yield from _life(plain, valid_seconds)


def _differences(sent: str, registered: str) -> Iterator[Mistake]:
    if sent == registered:
        return
    at = next(
        (n for n, (a, b) in enumerate(zip(sent, registered, strict=False)) if a != b),
        min(len(sent), len(registered)),
    )
    yield Mistake(
        rule="differs",
        text=f"at character {at + 1} it has {_named(sent, at)}, the registered text has "
        f"{_named(registered, at)}; operators drop what differs.",
    )


def _named(text: str, at: int) -> str:
    """Name a character, since many look alike."""
    if at >= len(text):
        return "its end"
    if text[at] == _VARIABLE:
        return "a variable"
    name = unicodedata.name(text[at], "a control character").lower()
    return f"U+{ord(text[at]):04X} ({name})"


def _variables(names: list[str], tags: list[str], longest: Mapping[str, int]) -> Iterator[Mistake]:
    for name in names:
        if name not in longest:
            yield Mistake(rule="variable", text=f"nothing is put in for ##{name}##.")
        elif longest[name] > MAX_VALUE:
            yield Mistake(
                rule="variable",
                text=f"##{name}## may have {longest[name]} characters; operators take {MAX_VALUE}.",
            )
    for name in longest.keys() - set(names):
        yield Mistake(rule="variable", text=f"##{name}## is missing: the SMS would lack it.")
    for tag in tags:
        if tag not in TAGS:
            yield Mistake(
                rule="variable",
                text=f"the registered text has {{#{tag}#}} for a code; the type must be one of: "
                f"{', '.join(TAGS)}.",
            )


def _length(plain: str, filled: int) -> Iterator[Mistake]:
    fixed = plain.replace(_VARIABLE, "")
    foreign = sorted(set(fixed) - GSM_BASIC - GSM_EXTENSION)
    if foreign:
        yield Mistake(
            rule="alphabet",
            text=f"{', '.join(_named(each, 0) for each in foreign)}: not in the GSM alphabet, so "
            "one SMS would hold 70 characters only.",
        )
    if plain != plain.strip():
        yield Mistake(rule="alphabet", text="a space or an empty line at either end is cut off.")
    septets = filled + sum(2 if each in GSM_EXTENSION else 1 for each in fixed)
    if septets > MAX_SEPTETS:
        yield Mistake(
            rule="length", text=f"{septets} characters at its longest; one SMS has {MAX_SEPTETS}."
        )


def _last_line(plain: str, filled: int) -> Iterator[Mistake]:
    """A text of several lines ends with what a phone looks for: exactly so, or it finds nothing."""
    _, *others = plain.split("\n")
    if not others:
        return
    if _WEB_OTP.fullmatch(others[-1]):
        return
    if not _HASH.fullmatch(others[-1]):
        yield Mistake(
            rule="autofill",
            text="its last line is neither the app's hash (11 characters of base64) nor "
            "“@domain #” and the code.",
        )
    elif (size := len(plain.replace(_VARIABLE, "").encode()) + filled) > MAX_RETRIEVER_BYTES:
        yield Mistake(
            rule="autofill",
            text=f"{size} bytes; Android's SMS Retriever reads {MAX_RETRIEVER_BYTES}.",
        )


def _life(plain: str, valid_seconds: int) -> Iterator[Mistake]:
    said = [int(n) * (60 if unit == "minute" else 1) for n, unit in _LIFE.findall(plain)]
    if said != [valid_seconds]:
        yield Mistake(rule="life", text=f"it must say once that a code lives {valid_seconds} s.")
