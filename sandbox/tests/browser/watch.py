"""Watches pages: what no page may do, from errors to a request to a place that is not ours."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page, Request

OF_THE_PAGE_ITSELF = ("data:", "blob:", "about:")
OF_THE_BROWSER = ("chrome-extension:", "chrome:")  # its PDF viewer is a page of many files


@dataclass(kw_only=True)
class Watch:
    """Collects what goes wrong on the pages it follows.

    ``origins`` are the places that may be asked. A refusal of the policy is an error of the
    console, and so is an answer of 400 or more: a test that wants one says so by ``expect``.
    """

    origins: tuple[str, ...]
    expected: list[re.Pattern[str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        """Watch a page from now on."""
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("console", self._console)
        page.on("requestfailed", self._failure)
        page.on("request", self._request)

    def expect(self, *patterns: str) -> None:
        """Let pass what matches: ``status of 503 .* /integrations/sendOTP``, ``failed: .*``."""
        self.expected += [re.compile(pattern) for pattern in patterns]

    def assert_nothing_wrong(self) -> None:
        """Assert that nothing went wrong but what was expected."""
        wrong = [
            problem
            for problem in self.problems
            if not any(pattern.search(problem) for pattern in self.expected)
        ]
        assert not wrong, "\n".join(wrong)

    def _console(self, line: ConsoleMessage) -> None:
        if line.type == "error":
            self.problems.append(f"console: {line.text} {line.location['url']}".rstrip())

    def _request(self, request: Request) -> None:
        if not request.url.startswith((*self.origins, *OF_THE_PAGE_ITSELF, *OF_THE_BROWSER)):
            self.problems.append(f"foreign: {request.url}")

    def _failure(self, request: Request) -> None:
        if not request.url.startswith(OF_THE_BROWSER):
            self.problems.append(f"failed: {request.method} {request.url} {request.failure}")
