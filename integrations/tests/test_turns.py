"""Turns: few work at once, in the order of coming, and whoever waits for others steps aside."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from integrations import gateways, turns
from integrations.testing import at_once


@pytest.fixture(autouse=True)
def _one_turn(settings):
    settings.WORKING_THREADS = 1
    turns._line_of.cache_clear()
    yield
    turns._line_of.cache_clear()


def started(work: Callable[[], None]) -> threading.Thread:
    """Start a thread and give it the time to stand in line."""
    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.05)
    return thread


def test_no_more_than_so_many_work_at_once(settings):
    settings.WORKING_THREADS = 3
    working, most = [], []

    def work(number: int) -> None:
        with turns.turn():
            working.append(number)
            most.append(len(working))
            time.sleep(0.005)
            working.remove(number)

    at_once(20, work)

    assert max(most) == 3


def test_the_line_is_kept():
    """Who comes back from a provider stands in it like everybody else."""
    done: list[str] = []
    may_return, given_back = threading.Event(), threading.Event()

    def begun() -> None:
        with turns.turn():
            with turns.turn_given_back():
                given_back.set()
                may_return.wait(5)
            done.append("begun")

    def new(name: str) -> None:
        with turns.turn():
            done.append(name)

    threads = [started(begun)]
    assert given_back.wait(5)
    with turns.turn():
        threads.append(started(lambda: new("first")))
        may_return.set()
        time.sleep(0.05)
        threads.append(started(lambda: new("second")))
        assert not done
    for thread in threads:
        thread.join(5)

    assert done == ["first", "begun", "second"]


def test_a_turn_comes_back_whatever_happened():
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), turns.turn(), turns.turn_given_back():
            raise ZeroDivisionError

    with turns.turn():
        pass


def test_without_a_turn_there_is_nothing_to_give_back():
    """A command, a thread of its own."""
    with turns.turn_given_back():
        pass
    with turns.turn():
        assert not started_and_done(lambda: turns.turn().__enter__())


def started_and_done(work: Callable[[], object]) -> bool:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(0.05)
    return not thread.is_alive()


@pytest.mark.django_db
def test_a_provider_call_gives_the_turn_back(wire, settings):
    """While one waits for the provider another works."""
    others: list[bool] = []

    def answer(request):
        def work() -> None:
            with turns.turn():
                pass

        others.append(started_and_done(work))
        return 200, {}, '{"type": "success", "request_id": "abc"}'

    wire.mock.add_callback("POST", f"{settings.MSG91_BASE_URL}/api/v5/otp", callback=answer)
    with turns.turn():
        gateways.send_otp(to="+919800000000", code="123456", reference="otp:test")

    assert others == [True]
