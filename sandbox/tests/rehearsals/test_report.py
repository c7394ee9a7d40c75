from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sandbox.rehearsal import chart, report, traffic
from sandbox.rehearsal.course import Course
from sandbox.rehearsal.figures import figures
from sandbox.rehearsal.verdict import Check, judge

from .made_up import call, course, plan, told

SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawn: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawn)  # noqa: S314  (drawn by us)


def marks(made: Course, kind: str) -> int:
    """Count the marks of a kind in the lanes; one more of each is the legend's."""
    found = parsed(chart.draw(made)).iter()
    return sum(one.get("class") == kind for one in found) - 1


class TestChart:
    def test_every_answer_is_a_mark_of_its_outcome(self) -> None:
        made = course(None, told(plan(), traffic.SEND_CODE, 3.0))
        failed = sum(not one.is_ok for one in made.calls)

        assert marks(made, "ok") == len(made.calls) - failed
        assert marks(made, "told") == failed - 1
        assert marks(made, "wrong") == 1

    def test_what_the_storage_did_by_itself_has_a_mark_of_its_own(self) -> None:
        failed = call(traffic.PUT, 20.0, status=0)

        assert marks(course(plan("azure_blob", "500"), failed), "storage") == 1

    def test_has_a_name_and_both_schemes(self) -> None:
        drawn = chart.draw(course())

        assert parsed(drawn).findtext(f"{SVG}title") == "msg91: 500"
        assert "prefers-color-scheme: dark" in drawn

    def test_a_call_that_took_a_minute_stays_in_its_lane(self) -> None:
        drawn = chart.draw(course(None, call(traffic.MAIL, 20.0, ended=95.0)))

        height = float(parsed(drawn).attrib["viewBox"].split()[3])
        circles = parsed(drawn).iter(f"{SVG}circle")
        assert all(0 < float(one.attrib["cy"]) < height for one in circles)


class TestReport:
    def test_the_page_says_what_happened_when(self, tmp_path: Path) -> None:
        made = course()

        page = report.write(made, judge(made), folder=tmp_path / "new", command="manage.py …")

        text = page.read_text()
        assert page.name == "msg91-500.md"
        assert "Everything was as it must be. 24 November 2026, 12:00 UTC" in text
        assert "![Answers over time, by flow](msg91-500.svg)" in text
        assert (page.parent / "msg91-500.svg").exists()
        assert "| 10.0 | 0.0 | fault ordered: msg91 500 |" in text
        assert "| 15.0 | 5.0 | breaker open |" in text
        assert "| 140.0 | 130.0 | alert over |" in text
        assert "`sms_unavailable` | 20 | 20 | 20 |" in text

    def test_a_check_that_is_not_met_stands_out(self, tmp_path: Path) -> None:
        checks = [Check(name="alert", sentence="No alert came.", is_met=False)]

        page = report.write(course(), checks, folder=tmp_path, command="manage.py …")

        assert "Something was not as it must be." in page.read_text()
        assert "| **no** | No alert came. |" in page.read_text()
        assert report.sentences(checks) == [" NO  No alert came."]

    def test_the_data_is_json(self) -> None:
        made = course()

        data = json.loads(json.dumps(report.as_data(made, judge(made))))

        assert data["passed"] is True
        assert data["beganAt"] == "2026-11-24T12:00:00.000Z"
        assert {"at": 10.0, "event": "fault ordered: msg91 500"} in data["events"]
        assert data["settings"]["breaker_open_seconds"] == 30

    @pytest.mark.parametrize(("met", "is_passed"), [(True, True), (None, True), (False, False)])
    def test_what_nobody_could_see_is_no_failure(self, met: bool | None, is_passed: bool) -> None:
        assert report.passed([Check(name="alert", sentence="", is_met=met)]) is is_passed


class TestFigures:
    def test_quantiles_are_times_that_were_measured(self) -> None:
        calls = [call(traffic.MAIL, at, ended=at + seconds) for at, seconds in enumerate((1, 2, 9))]

        found = figures(calls)

        assert (found.calls, found.ok, found.failed) == (3, 3, {})
        assert found.median_ms == pytest.approx(2000)
        assert found.p95_ms == found.slowest_ms == pytest.approx(9000)

    def test_no_calls_are_zeros(self) -> None:
        assert figures([]).slowest_ms == 0

    def test_failures_are_told_by_code_else_by_status(self) -> None:
        calls = [
            call(traffic.MAIL, 1, status=503, code="email_unavailable"),
            call(traffic.PUT, 1, status=500),
            call(traffic.PUT, 1, status=0),
        ]

        assert figures(calls).failed == {"email_unavailable": 1, "500": 1, "no answer": 1}
