"""From page to page: every link leads somewhere, and a newcomer is there in two clicks."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from solarium.tests.doc_pages import PAGES, ROOT, prose

LINK = re.compile(r"\]\(([^)\s]+)\)")


def links(page):
    """Return what a page links to within the tree, as (file, anchor)."""
    for link in LINK.findall(prose(page)):
        if not re.match(r"[a-z]+:", link):
            path, _, anchor = link.partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


def anchors(page):
    """Return the anchors of a page's headings, as the hosts of such pages make them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_to_something(page):
    for target, anchor in links(page):
        assert target.exists(), target
        assert not anchor or anchor in anchors(target), f"{target.name}#{anchor}"


def test_there_are_links():
    assert len(list(chain.from_iterable(map(links, PAGES)))) > 200


@pytest.mark.parametrize(
    ("question", "page", "anchor"),
    [
        ("how to run it", "README.md", "run-it"),
        ("how to add a provider", "docs/adding-a-provider.md", ""),
        ("what to do when SMS do not arrive", "docs/runbook.md", "sms-do-not-arrive"),
        ("how it performs", "benchmarks/RESULTS.md", ""),
        ("how it is secured", "docs/security.md", ""),
        ("who may do what", "docs/security.md", "who-may-do-what"),
    ],
)
def test_the_answer_is_two_clicks_from_the_readme(question, page, anchor):
    readme = ROOT / "README.md"
    first = {(readme, each) for each in anchors(readme)} | set(links(readme))
    second = {link for target, _ in first if target.suffix == ".md" for link in links(target)}

    assert (ROOT / page, anchor) in first | second, question
