from __future__ import annotations

import math
from dataclasses import replace

import pytest

from sandbox.rehearsal import expected, people
from sandbox.rehearsal.plan import seconds

from .made_up import plan


class TestSeconds:
    @pytest.mark.parametrize(
        ("text", "length"), [("60s", 60.0), ("2m", 120.0), ("0.5s", 0.5), ("90s", 90.0)]
    )
    def test_reads_seconds_and_minutes(self, text: str, length: float) -> None:
        assert seconds(text) == length

    @pytest.mark.parametrize(
        "text", ["", "60", "s", "-1s", "0s", "1h", "1 s", "٣s", "1e3s", "60sm"]
    )
    def test_refuses_what_is_no_length_of_time(self, text: str) -> None:
        with pytest.raises(ValueError, match="write 60s or 2m"):
            seconds(text)


class TestPlan:
    def test_a_code_is_waited_for_as_long_as_the_specification_says(self) -> None:
        assert plan("msg91", "timeout").longest_wait_seconds == pytest.approx(19.2)
        assert plan("sendgrid", "timeout").longest_wait_seconds == pytest.approx(19.2)

    def test_a_file_waits_until_five_before_it_opened_the_breaker(self) -> None:
        """Two are read at once, each asks the storage once: the third pair opens it."""
        assert plan("azure_blob", "timeout").longest_wait_seconds == pytest.approx(15.2)
        assert plan("azure_blob", "timeout").alert_within_seconds == pytest.approx(32.2)

    def test_a_refusal_is_an_alert_at_once_and_failures_after_eleven(self) -> None:
        assert plan("msg91", "bad-key").alert_within_seconds == pytest.approx(7.0)
        assert plan("msg91", "429").alert_within_seconds == pytest.approx(27.0)

    def test_only_an_open_breaker_delays_recovery(self) -> None:
        assert plan("msg91", "429").recovered_within_seconds == pytest.approx(9.0)
        assert plan("msg91", "500").recovered_within_seconds == pytest.approx(44.0)


class TestPeople:
    """Nobody comes to the limits of one user; 96 rounds are at most walked."""

    def test_as_many_as_the_limits_ask_for(self) -> None:
        assert plan().rounds == 96
        assert (people.staff_needed(plan()), people.customers_needed(plan())) == (1, 4)

        narrow = replace(plan().limits, mails_each=30, links_each=10)

        assert people.staff_needed(plan(limits=narrow)) == 4
        assert people.customers_needed(plan(limits=narrow)) == 28

    def test_one_where_there_is_no_limit(self) -> None:
        open_to_all = replace(plan().limits, mails_each=0, links_each=0)

        assert people.staff_needed(plan(limits=open_to_all)) == 1
        assert people.customers_needed(plan(limits=open_to_all)) == 1

    @pytest.mark.parametrize("links_each", [1, 4, 10, 60])
    def test_links_suffice(self, links_each: int) -> None:
        made = plan(limits=replace(plan().limits, links_each=links_each))
        most = math.ceil(made.rounds / people.customers_needed(made))

        assert 1 + 2 * most <= max(links_each, 3)


class TestExpected:
    def test_every_fault_is_known_or_nobody_rehearses_it(self) -> None:
        faults = expected.rehearsed()

        assert set(faults) == {"msg91", "sendgrid", "azure_blob"}
        for provider, names in faults.items():
            assert len(names) == len(set(names)) >= 7
            for name in names:
                assert expected.expect(provider=provider, fault=name)
        assert expected.expect(provider="msg91", fault="earthquake") is None
        assert expected.expect(provider="twilio", fault="500") is None

    @pytest.mark.parametrize(
        ("provider", "fault", "status", "code", "alert"),
        [
            ("msg91", "timeout", 503, "sms_unavailable", "failures"),
            ("msg91", "429", 503, "sms_unavailable", "failures"),
            ("msg91", "200-error", 502, "sms_rejected", "refused_by_provider"),
            ("sendgrid", "no-credit", 502, "email_rejected", "refused_by_provider"),
            ("sendgrid", "200-error", 503, "email_unavailable", "failures"),
            ("azure_blob", "reset", 503, "storage_unavailable", "failures"),
            ("azure_blob", "429", 503, "storage_unavailable", "failures"),
            ("azure_blob", "bad-key", 503, "storage_unavailable", "refused_by_provider"),
            ("msg91", "slow", 0, "", ""),
            ("msg91", "no-report", 0, "", ""),
        ],
    )
    def test_users_and_ops_are_told_what_the_contract_says(
        self, provider: str, fault: str, status: int, code: str, alert: str
    ) -> None:
        wanted = expected.expect(provider=provider, fault=fault)

        assert wanted
        assert (wanted.status, wanted.code, wanted.alert) == (status, code, alert)
