"""Windows and pauses against a model that counts one by one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from otp import limits, refusing

START = datetime(2026, 11, 24, 10, tzinfo=UTC)
WINDOW = timedelta(seconds=600)
GAPS = st.lists(
    st.one_of(st.integers(0, 900), st.floats(0, 900), st.sampled_from([0, 1, 599, 600, 601])),
    max_size=60,
)
AMOUNTS = st.integers(1, 6)


def moments(gaps):
    """Return the moments that lie so many seconds apart."""
    at, found = START, []
    for gap in gaps:
        at += timedelta(seconds=gap)
        found.append(at)
    return found


def wait(taken, *, amount, now):
    return limits.wait_seconds(taken, amount=amount, window=WINDOW, now=now)


def most_in_a_window(taken):
    """Return how many fall into the fullest window; one begins with each."""
    return max((sum(one <= each < one + WINDOW for each in taken) for one in taken), default=0)


@given(GAPS, AMOUNTS)
def test_no_window_ever_holds_more_than_the_amount(gaps, amount):
    taken = []
    for now in moments(gaps):
        fits = most_in_a_window([*taken, now]) <= amount
        assert (wait(taken, amount=amount, now=now) == 0) == fits
        if fits:
            taken.append(now)

    assert most_in_a_window(taken) <= amount


@given(GAPS, AMOUNTS)
def test_who_waits_as_long_as_told_gets_one_and_not_a_second_earlier(gaps, amount):
    taken = []
    for now in moments(gaps):
        told = wait(taken, amount=amount, now=now)
        assert 0 <= told <= WINDOW.total_seconds()
        if told:
            assert wait(taken, amount=amount, now=now + timedelta(seconds=told)) == 0
            sooner = now + timedelta(seconds=told - 1)
            assert told == 1 or wait(taken, amount=amount, now=sooner) == 1
        else:
            taken.append(now)


@given(GAPS)
def test_0_is_no_limit(gaps):
    assert wait(moments(gaps), amount=0, now=START) == 0


@dataclass
class Send:
    created_at: datetime
    resend_at: datetime
    accepted_at: datetime | None = None


@given(GAPS)
def test_the_pause_grows_within_ten_minutes_and_is_kept(gaps):
    """The limits of windows off: only the pause holds sends back."""
    steps, sent = (30, 60, 120), []
    for now in moments(gaps):
        told = max((math.ceil((each.resend_at - now).total_seconds()) for each in sent), default=0)
        if told > 0:
            continue
        lately = sum(each.created_at > now - limits.MINUTES_10 for each in sent)
        pause = limits.cooldown(sent, now=now)
        assert pause.total_seconds() == steps[min(lately, len(steps) - 1)]
        sent.append(Send(created_at=now, resend_at=now + pause))

    gaps_between = [
        (after.created_at - before.created_at).total_seconds()
        for before, after in zip(sent, sent[1:], strict=False)
    ]
    assert all(gap >= steps[0] for gap in gaps_between)
    within = [each.created_at for each in sent]
    assert (
        max((sum(a <= b < a + limits.MINUTES_10 for b in within) for a in within), default=0) <= 7
    )


@given(GAPS)
def test_a_refusal_says_the_longest_wait(gaps):
    """Of the windows and the pause, the one that ends last speaks; with none left, none refuses."""
    sent = []
    for now in moments(gaps):
        refusals = limits.send_refusals(sent, now=now)
        if not refusals:
            sent.append(Send(created_at=now, resend_at=now + limits.cooldown(sent, now=now)))
            continue
        problem = refusing.longest(refusals)
        assert problem.retry_after == max(each.wait_seconds for each in refusals) > 0
        later = now + timedelta(seconds=problem.retry_after)
        assert limits.send_refusals(sent, now=later) == []
    for amount, window in ((3, 600), (5, 3600), (10, 86400)):
        last = timedelta(seconds=window)
        assert all(
            sum(one.created_at <= each.created_at < one.created_at + last for each in sent)
            <= amount
            for one in sent
        )


def test_a_pause_of_0_holds_back_nobody_who_came_before_the_acceptance(settings):
    """Of requests at once each came before the others were accepted."""
    settings.OTP_SENDS_PER_PHONE_10MIN = settings.OTP_SENDS_PER_PHONE_HOUR = 0
    settings.OTP_SENDS_PER_PHONE_DAY, settings.OTP_COOLDOWN_SECONDS = 0, [0]
    accepted_at = START + timedelta(seconds=2)
    unpaused = Send(created_at=START, accepted_at=accepted_at, resend_at=accepted_at)
    paused = Send(
        created_at=START, accepted_at=accepted_at, resend_at=accepted_at + timedelta(seconds=30)
    )
    now = START + timedelta(seconds=1)

    assert limits.send_refusals([unpaused], now=now) == []
    assert [each.wait_seconds for each in limits.send_refusals([paused], now=now)] == [31]
