from __future__ import annotations

import re

import pytest

from emails.links import is_own_link
from emails.rendering import ROOT, render
from emails.templates import TEMPLATES, ContextError, check_context

VALUES = {
    "username": "Asha <Rao>",
    "link": "http://localhost:8000/q/1?a=1&b=2",
    "title": "Fish & <chips>",
    "message": "One\nTwo <script>",
    "customerName": "O'Neil & Sons",
    "quotationNumber": "Q-7",
    "documentName": "pan & card.pdf",
    "reason": "Blurred.\nToo <dark>.",
}


def context_of(name):
    return {key: VALUES[key] for key in TEMPLATES[name].placeholders}


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_every_mail_renders_all_its_values(name):
    mail = render(template=name, context=context_of(name))
    assert "\n" not in mail.subject
    assert mail.subject
    for value in context_of(name).values():
        assert value in mail.text
    for raw in ("<script>", "<Rao>", "<chips>", "<dark>"):
        assert raw not in mail.html
    assert "&amp;lt;" not in mail.html
    assert "&lt;" not in mail.subject + mail.text
    assert "Solarium" in mail.html
    assert "{{" not in mail.html + mail.text


def test_templates_on_disk_are_the_declared_ones():
    folders = {path.name for path in (ROOT / "email").iterdir() if path.is_dir()}
    assert folders == set(TEMPLATES)


def test_reset_link_is_first_and_alone():
    mail = render(template="password_reset", context=context_of("password_reset"))
    first = re.search(r"https?://\S+", mail.text)
    assert first is not None
    assert first.group() == VALUES["link"]
    assert VALUES["link"] in mail.text.splitlines()
    hrefs = re.findall(r'href="([^"]+)"', mail.html)
    assert hrefs == ["http://localhost:8000/q/1?a=1&amp;b=2"] * 2


def test_newlines_are_breaks_in_html():
    mail = render(template="system_notice", context=context_of("system_notice"))
    assert "One<br>Two" in mail.html


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"title": None}, "title", "invalid"),
        ({"title": 5}, "title", "invalid"),
        ({"title": " "}, "title", "blank"),
        ({"title": "a\nb"}, "title", "control_character"),
        ({"title": "a\u2028b"}, "title", "control_character"),
        ({"title": "a\x00"}, "title", "control_character"),
        ({"title": "a" * 201}, "title", "max_length"),
        ({"message": "a\rb"}, "message", "control_character"),
        ({"extra": "a"}, "extra", "unknown_field"),
    ],
)
def test_refused_values(change, field, code):
    """S34."""

    with pytest.raises(ContextError) as caught:
        check_context(
            template=TEMPLATES["system_notice"],
            context={**context_of("system_notice"), **change},
        )
    assert (caught.value.field, caught.value.code) == (field, code)


def test_missing_value():
    with pytest.raises(ContextError) as caught:
        render(template="system_notice", context={"title": "x"})
    assert (caught.value.field, caught.value.code) == ("message", "required")


@pytest.mark.parametrize(
    ("link", "own"),
    [
        ("https://portal.solarium.example", True),
        ("https://portal.solarium.example/q/1?x=1#y", True),
        ("https://PORTAL.solarium.example:443/q", True),
        ("https://app.solarium.example/base", True),
        ("https://app.solarium.example/base/x", True),
        ("https://app.solarium.example/base?x", True),
        ("https://app.solarium.example/basement", False),
        ("https://app.solarium.example/base/../x", False),
        ("https://app.solarium.example/base/%2E%2e/x", False),
        ("https://app.solarium.example/", False),
        ("http://portal.solarium.example/", False),
        ("https://portal.solarium.example:8443/", False),
        ("https://portal.solarium.example.evil.example/", False),
        ("https://portal.solarium.example@evil.example/", False),
        ("https://portal.solarium.example:pw@portal.solarium.example/", False),
        ("https://evil.example\\@portal.solarium.example/", False),
        ("https://portal.solarium.example\\.evil.example/", False),
        ("https://portal.solarium.example/a b", False),
        ("https://portal.solarium.example/\tx", False),
        ("https:///portal.solarium.example/", False),
        ("//portal.solarium.example/", False),
        ("javascript:alert(1)", False),
        ("https://portal.solarium.example:99999/", False),
        ("https://[portal.solarium.example/", False),
        ("", False),
    ],
)
def test_own_links(settings, link, own):
    settings.PUBLIC_BASE_URL = "https://app.solarium.example/base/"
    settings.CORS_ALLOWED_ORIGINS = ["https://portal.solarium.example"]
    assert is_own_link(link) is own
