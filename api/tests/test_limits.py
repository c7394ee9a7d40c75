from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from api import limits
from api.limits import Window, take_all


def window(key="k", amount=3):
    return Window("test", key, amount, 60)


def take(key="k", amount=3):
    return window(key, amount).take()


class TestTake:
    def test_counts_up_to_the_amount_and_then_says_how_long(self):
        assert [take() for _ in range(3)] == [0, 0, 0]
        assert 55 <= take() <= 60

    def test_keys_do_not_share(self):
        assert [take(key) for key in "aaabbb"] == [0] * 6

    def test_zero_is_no_limit(self):
        assert [take(amount=0) for _ in range(10)] == [0] * 10

    def test_clear_gives_all_back(self):
        [take() for _ in range(3)]

        window().clear()

        assert take() == 0

    def test_exact_when_many_ask_at_once(self):
        with ThreadPoolExecutor(50) as threads:
            answers = list(threads.map(lambda _: take(amount=7), range(50)))

        assert answers.count(0) == 7


DOWN, SHARED = "redis://127.0.0.1:1/0", "redis://127.0.0.1:6379/9"


@pytest.fixture
def other_cache(settings):
    """A function that points the limits at another cache."""
    before = settings.CACHE_URL

    def point(url):
        settings.CACHE_URL = url

    yield point
    point(before)  # before other fixtures forget what was counted


def test_cache_down_goes_on_per_process(other_cache):
    """S21."""
    other_cache(DOWN)

    assert [take() == 0 for _ in range(4)] == [True, True, True, False]


def test_shared_through_redis(other_cache):
    other_cache(SHARED)
    window().clear()

    first = [take() for _ in range(3)]
    limits._build_limiter.cache_clear()  # as another process would
    refused = take()

    window().clear()
    assert first == [0, 0, 0]
    assert 55 <= refused <= 60


class TestGiveBack:
    def test_a_use_is_free_again(self):
        [take() for _ in range(3)]

        window().give_back()

        assert [take() == 0 for _ in range(2)] == [True, False]

    def test_what_nobody_took_is_not_given(self):
        window().give_back()

        assert [take() == 0 for _ in range(4)] == [True, True, True, False]

    def test_goes_on_per_process_while_the_cache_is_down(self, other_cache):
        other_cache(DOWN)
        [take() for _ in range(3)]
        window().give_back()

        assert [take() == 0 for _ in range(2)] == [True, False]

    def test_a_cache_that_goes_down_meanwhile_is_no_error(self, other_cache):
        other_cache(DOWN)

        window().give_back()

    @pytest.mark.postgres
    def test_through_redis(self, other_cache):
        other_cache(SHARED)
        window("g").clear()
        [take("g") for _ in range(3)]

        window("g").give_back()

        assert [take("g") == 0 for _ in range(2)] == [True, False]
        window("g").clear()


class TestTakeAll:
    def test_counts_one_use_of_each(self):
        assert take_all([window("a", 1), window("b", 1)]) == 0

        assert take("a", 1) > 0
        assert take("b", 1) > 0

    def test_one_no_gives_the_others_back_and_the_longest_wait_speaks(self):
        short, long = Window("short", "k", 1, 10), Window("long", "k", 1, 60)
        take_all([short, long])

        assert 55 <= take_all([window("a", 1), short, long, window("b", 1)]) <= 60

        assert [take("a", 1), take("b", 1)] == [0, 0]
