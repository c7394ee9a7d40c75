"""Every check can fail: one thing is changed, and the check says no."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.rehearsal import expected, traffic
from sandbox.rehearsal.course import Arrived
from sandbox.rehearsal.traffic import Sent
from sandbox.rehearsal.verdict import judge

from .made_up import (
    CLEARED_AT,
    ENDED_AT,
    FAULT_AT,
    PHONE,
    RECOVERED_AT,
    call,
    check,
    course,
    look,
    looks,
    plan,
    told,
)

FAULTS = [
    pytest.param(provider, fault, id=f"{provider}-{fault}")
    for provider, faults in expected.rehearsed().items()
    for fault in faults
    if (provider, fault) != ("msg91", "no-report")  # it has facts of its own, below
]


@pytest.mark.parametrize(("provider", "fault"), FAULTS)
def test_a_course_as_it_must_be_is_fine(provider: str, fault: str) -> None:
    made = course(plan(provider, fault))
    if made.plan.expected.alert == "refused_by_provider":
        seen = [replace(one, alerts=one.alerts) for one in looks(made.plan)]
        made = replace(made, looks=[_alert_at_once(one, provider) for one in seen])

    assert not [one.sentence for one in judge(made) if not one.is_met]


def _alert_at_once(seen, provider):
    is_open = FAULT_AT < seen.at < ENDED_AT - 60
    return replace(
        seen, alerts=frozenset({(provider, "refused_by_provider")} if is_open else set())
    )


class TestAnswers:
    @pytest.mark.parametrize(
        "changed",
        [
            {"status": 500, "code": "internal_error"},
            {"status": 503, "code": "sms_unavailable", "detail": "Please wait."},
            {"status": 502, "code": "sms_rejected"},
            {"retry_after": ""},
            {"status": 0, "code": "", "detail": ""},
        ],
    )
    def test_anything_but_the_words_of_the_contract_is_wrong(self, changed) -> None:
        made = plan()

        found = check(course(made, told(made, traffic.SEND_CODE, 20.5, **changed)), "answers")

        assert found.is_met is False
        assert "the first, to “code sent” at 20.5 s" in found.sentence

    def test_a_failure_without_a_fault_is_wrong(self) -> None:
        made = plan()

        assert check(course(made, told(made, traffic.SEND_CODE, 3.0)), "answers").is_met is False

    def test_a_failure_after_the_recovery_is_wrong(self) -> None:
        made = plan()
        late = told(made, traffic.SEND_CODE, RECOVERED_AT + 5)

        assert check(course(made, late), "answers").is_met is False

    def test_a_failure_of_another_provider_is_wrong(self) -> None:
        made = plan()

        assert check(course(made, told(made, traffic.MAIL, 20.5)), "answers").is_met is False

    def test_a_fault_that_nobody_notices_at_all_did_not_happen(self) -> None:
        made = plan()
        fine = [call(traffic.SEND_CODE, at) for at in range(int(ENDED_AT))]

        assert check(course(made, calls=fine), "answers").is_met is False


def test_who_waits_longer_than_the_retries_take_is_too_late() -> None:
    made = plan()
    late = told(made, traffic.SEND_CODE, 20.5, ended=20.5 + 21.3)

    assert check(course(made, late), "waiting").is_met is False


def test_a_fault_that_nobody_should_notice_may_fail_nothing() -> None:
    made = plan("msg91", "slow")
    failed = call(traffic.SEND_CODE, 20.5, status=503, code="sms_unavailable")

    assert check(course(made, failed), "unnoticed").is_met is False


class TestOthers:
    def test_one_that_fails_is_told(self) -> None:
        failed = call(traffic.MAIL, 20.5, status=503, code="email_unavailable")

        assert check(course(None, failed), "others_went_on").is_met is False

    def test_one_that_slows_down_is_told_with_its_figures(self) -> None:
        made = course()
        slower = [
            replace(one, ended=one.started + 0.5)
            if one.step == traffic.MAIL and made.phase(one) == "fault"
            else one
            for one in made.calls
        ]

        found = check(replace(made, calls=slower), "others_kept_pace")

        assert found.is_met is False
        assert "mail sent: 20 → 500 ms" in found.sentence

    def test_their_breakers_stay_closed(self) -> None:
        seen = [*looks(plan()), look(179.5, breaker={"sendgrid": "open"}, alerts=[])]

        assert check(course(looks=seen), "nothing_else").is_met is False

    def test_no_alert_of_theirs_comes(self) -> None:
        seen = [*looks(plan()), look(179.5, breaker={}, alerts=[("sendgrid", "failures")])]

        found = check(course(looks=seen), "nothing_else")

        assert found.is_met is False
        assert "sendgrid failures" in found.sentence


class TestBreaker:
    def test_one_that_does_not_open_is_told(self) -> None:
        seen = [
            replace(one, breakers=dict.fromkeys(one.breakers, "closed")) for one in looks(plan())
        ]

        assert check(course(looks=seen), "breaker").is_met is False

    def test_one_that_does_not_close_is_told(self) -> None:
        seen = [one for one in looks(plan()) if one.at < RECOVERED_AT]

        assert check(course(looks=seen), "breaker").is_met is False

    def test_one_that_opens_without_need_is_told(self) -> None:
        seen = list(looks(plan()))

        assert check(course(plan("msg91", "429"), looks=seen), "breaker").is_met is False

    def test_a_fault_that_is_too_short_says_nothing(self) -> None:
        seen = [
            replace(one, breakers=dict.fromkeys(one.breakers, "closed")) for one in looks(plan())
        ]

        assert check(course(looks=seen, cleared_at=FAULT_AT + 5), "breaker").is_met is None


class TestAlert:
    def test_one_that_does_not_come_is_told(self) -> None:
        seen = [replace(one, alerts=frozenset()) for one in looks(plan())]

        assert check(course(looks=seen), "alert").is_met is False

    def test_one_that_comes_late_is_told(self) -> None:
        seen = [one if one.at > 65 else replace(one, alerts=frozenset()) for one in looks(plan())]

        assert check(course(looks=seen), "alert").is_met is False

    def test_one_that_does_not_end_is_told(self) -> None:
        stays = frozenset({("msg91", "failures")})
        seen = [one if one.at < 40 else replace(one, alerts=stays) for one in looks(plan())]

        assert check(course(looks=seen), "alert_over").is_met is False

    def test_whether_it_ends_is_not_told_where_nobody_looked_so_long(self) -> None:
        seen = [one for one in looks(plan()) if one.at < CLEARED_AT + 20]

        made = course(looks=seen, ended_at=CLEARED_AT + 20)

        assert check(made, "alert_over").is_met is None


class TestRecovery:
    def test_a_service_that_stays_away_is_told(self) -> None:
        made = course()
        gone = [
            one
            for one in made.calls
            if one.step != traffic.SEND_CODE or one.started < CLEARED_AT or not one.is_ok
        ]

        assert check(replace(made, calls=gone), "recovery").is_met is False

    def test_one_that_is_back_late_is_told(self) -> None:
        made = course()
        late = [one for one in made.calls if not (one.is_ok and CLEARED_AT < one.started < 115)]

        assert check(replace(made, calls=late), "recovery").is_met is False


class TestArrived:
    def test_a_code_that_got_lost_is_told(self) -> None:
        sent = Sent(phones=[PHONE, "919800000002"], titles=[], states=[])

        assert check(course(sent=sent), "arrived").is_met is False

    def test_a_mail_that_got_lost_is_told(self) -> None:
        sent = Sent(phones=[PHONE], titles=["Rehearsal 2"], states=[])

        assert check(course(sent=sent), "arrived").is_met is False

    def test_two_codes_of_one_request_are_told(self) -> None:
        arrived = Arrived(codes={PHONE: ["314159", "271828"]}, mails=["Rehearsal 1"])

        assert check(course(arrived=arrived), "arrived").is_met is False

    def test_the_same_code_twice_is_fine(self) -> None:
        arrived = Arrived(codes={PHONE: ["314159", "314159"]}, mails=["Rehearsal 1"])

        assert check(course(arrived=arrived), "arrived").is_met


class TestStates:
    @pytest.mark.parametrize(
        ("during", "is_met"), [("accepted", True), ("delivered", False), ("created", False)]
    )
    def test_without_reports_a_code_stays_accepted(self, during: str, is_met: bool) -> None:
        states = [(5.0, "delivered"), (40.0, during), (120.0, "delivered")]
        sent = Sent(phones=[PHONE], titles=[], states=states)

        assert check(course(plan("msg91", "no-report"), sent=sent), "states").is_met is is_met

    def test_says_no_where_no_report_came_before_either(self) -> None:
        states = [(5.0, "accepted"), (40.0, "accepted")]
        sent = Sent(phones=[PHONE], titles=[], states=states)

        assert check(course(plan("msg91", "no-report"), sent=sent), "states").is_met is False
