"""The dashboard: what is going on, at a fixed price."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone

from accounts.groups import SUPPORT
from accounts.models import User
from accounts.roles import Role
from documents.models import Document
from integrations.models import Alert, ProviderKey, ProviderSwitch
from solarium.admin import charts, dashboard
from solarium.admin.dashboard_pages import DAY_KEY
from solarium.tests.admin_rows import HOSTILE, make_call, make_challenge, make_world
from solarium.tests.admin_world import enter, make_staff

pytestmark = pytest.mark.django_db
MOST_QUERIES = 23


@pytest.fixture(autouse=True)
def _counted_anew():
    cache.delete(DAY_KEY)
    yield
    cache.delete(DAY_KEY)


def look(now):
    return dashboard.read(now=now, day=dashboard.read_day(now=now))


def provider(name, *, now):
    return next(one for one in look(now).providers if one.status.provider == name)


class TestProviders:
    def test_times_of_the_last_hour(self):
        now = timezone.now()
        for number in range(1, 101):
            at = now - timedelta(minutes=30, seconds=number)
            make_call(at=at, finished_at=at + timedelta(milliseconds=10 * number))
        for ago, outcome in ((timedelta(hours=2), "accepted"), (timedelta(minutes=1), "refused")):
            make_call(at=now - ago, outcome=outcome, finished_at=now + timedelta(hours=1))

        found = provider("msg91", now=now)

        assert found.calls == 100
        assert found.p50 == pytest.approx(505, abs=10)
        assert found.p95 == pytest.approx(950, abs=15)
        assert provider("sendgrid", now=now).p50 is None

    def test_failures_and_switches_are_seen(self, ops):
        now = timezone.now()
        make_call(at=now, outcome="unavailable", failure=True, provider_code="timeout")
        ProviderSwitch.objects.create(
            provider="sendgrid", text="No mail today.", switched_off_at=now, switched_off_by="Ops"
        )

        page = ops.get("/admin/").content.decode()

        assert provider("msg91", now=now).status.state == "degraded"
        for text in ("degraded", "<code>timeout</code>", "switched off", "“No mail today.” by Ops"):
            assert text in page


class TestCharts:
    NOW = datetime(2026, 11, 24, 12, 7, 30, tzinfo=UTC)

    def test_a_minute_is_a_bar_and_15_minutes_are_one_in_the_day(self):
        for seconds in (0, 10, 29):
            make_call(at=self.NOW - timedelta(seconds=seconds))
        make_call(at=self.NOW - timedelta(minutes=5), outcome="unavailable")
        make_call(at=self.NOW - timedelta(hours=25))

        read = look(self.NOW)

        hour = {(bar.outcome, bar.title) for bar in read.hour.bars}
        assert hour == {
            ("accepted", "12:07 UTC: 3 accepted a minute"),
            ("unavailable", "12:02 UTC: 1 unavailable a minute"),
        }
        day = {bar.title for bar in read.day.bars}
        assert day == {
            "12:00 UTC: 0.2 accepted a minute",
            "12:00 UTC: 0.1 unavailable a minute",
        }
        assert [name for _, name in read.hour.legend] == ["accepted", "unavailable"]

    def test_bars_stand_on_each_other_inside_the_drawing(self):
        bucket = charts.Bucket(start=self.NOW, counts={"accepted": 30, "rejected": 7.0})

        chart = charts.stacked(name="x", buckets=[bucket], label_every=1)

        accepted, rejected = chart.bars
        assert accepted.y + accepted.height == pytest.approx(charts.HEIGHT - charts.BOTTOM, abs=0.1)
        assert rejected.y + rejected.height == pytest.approx(accepted.y, abs=0.1)
        assert rejected.y >= charts.TOP
        assert [text for _, text in chart.lines] == ["0", "25", "50"]

    def test_nothing_is_a_chart_too(self):
        assert look(self.NOW).hour.bars == []


class TestNumbers:
    def test_funnel_of_the_last_day(self):
        now = timezone.now()
        for number in range(8):
            sent = {} if number else {"accepted_at": None, "state": "failed"}
            done = {"verified_at": now, "state": "verified"} if number > 3 else {}
            make_challenge(at=now - timedelta(minutes=number), **sent, **done)
        make_challenge(at=now - timedelta(hours=25))

        funnel = [(s.name, s.count, s.share) for s in look(now).funnel]

        assert funnel == [
            ("asked", 8, None),
            ("sent", 7, 88),
            ("delivered", 0, 0),  # nothing is reported: the next is a share of the sent
            ("verified", 4, 57),
        ]

    def test_funnel_counts_what_was_reported(self):
        now = timezone.now()
        for number in range(5):
            make_challenge(at=now, verified_at=now if number else None)
            make_call(at=now, delivery="delivered" if number else "undelivered")
        make_call(at=now, operation="send_email", delivery="delivered")
        make_call(at=now - timedelta(hours=25), delivery="delivered")

        funnel = [(s.name, s.count, s.share) for s in look(now).funnel]

        assert funnel[2:] == [("delivered", 4, 80), ("verified", 4, 100)]

    def test_uploads_by_state(self):
        user = User.objects.create_user(role=Role.CUSTOMER)
        now = timezone.now()
        for number, state in enumerate(("pending", "available", "available")):
            Document.objects.create(
                doc_type="KYC", uploader=user, state=state, blob_name=str(number), created_at=now
            )

        uploads = dict(look(now).uploads)

        assert uploads == {"pending": 1, "available": 2, "rejected": 0, "deleted": 0}

    @pytest.mark.parametrize(
        ("name", "days", "old"),
        [("msg91", 90.1, True), ("msg91", 90, False), ("otp_pepper", 91, False),
         ("otp_pepper", 180.1, True)],
    )  # fmt: skip
    def test_old_keys(self, name, days, old):
        """S62."""
        now = timezone.now()
        for state, fingerprint in (("active", "a" * 12), ("previous", "b" * 12)):
            ProviderKey.objects.create(
                provider=name,
                fingerprint=fingerprint,
                state=state,
                source="rotation",
                created_at=now - timedelta(days=500),
                activated_at=now - timedelta(days=days),
            )

        found = look(now).old_keys

        assert [key.fingerprint for key in found] == (["a" * 12] if old else [])


class TestPage:
    def test_banners_escape_what_providers_say(self, ops):
        make_world(now=timezone.now())

        page = ops.get("/admin/").content.decode()

        assert "Too many failures" in page
        assert "100 days old" in page
        assert HOSTILE not in page
        assert "&lt;script&gt;alert" in page

    def test_a_resolved_alert_is_no_banner_and_a_seen_one_names_who(self, ops):
        now = timezone.now()
        common = {"provider": "msg91", "kind": "failures", "opened_at": now}
        Alert.objects.create(**common, text="over already", resolved_at=now)
        Alert.objects.create(**common, text="still on", seen_at=now, seen_by="Asha")

        page = ops.get("/admin/").content.decode()

        assert "over already" not in page
        assert "seen by Asha" in page
        assert "I look after it" not in page

    def test_support_has_no_buttons(self, client):
        make_world(now=timezone.now())
        enter(client, make_staff(group=SUPPORT))

        assert "I look after it" not in client.get("/admin/").content.decode()

    def test_the_part_that_renews_itself_is_the_same_without_the_frame(self, ops):
        make_world(now=timezone.now())

        part = ops.get("/admin/live").content.decode()

        assert "Too many failures" in part
        assert "<html" not in part


def test_costs_the_same_for_much(ops, django_assert_max_num_queries):
    def statements():
        ops.get("/admin/")  # reads what is kept for some seconds, or for good
        cache.delete(DAY_KEY)
        with django_assert_max_num_queries(MOST_QUERIES) as seen:
            ops.get("/admin/")
        return len(seen.captured_queries)

    empty = statements()
    now = timezone.now()
    make_world(now=now)
    for number in range(100):
        make_call(at=now - timedelta(minutes=number), outcome="unavailable", failure=True)
        make_challenge(at=now - timedelta(minutes=number))

    assert statements() == empty


def test_counts_of_the_day_are_made_once_a_minute(ops, monkeypatch):
    counted = []
    count = dashboard.read_day
    monkeypatch.setattr(dashboard, "read_day", lambda *, now: counted.append(now) or count(now=now))

    ops.get("/admin/")
    ops.get("/admin/live")

    assert len(counted) == 1


def test_works_while_the_cache_is_down(ops):
    make_challenge(at=timezone.now())
    redis = "django.core.cache.backends.redis.RedisCache"
    down = {"default": {"BACKEND": redis, "LOCATION": "redis://127.0.0.1:1"}}

    with override_settings(CACHES=down):
        answer = ops.get("/admin/")

    assert answer.context["dashboard"].funnel[0].count == 1
