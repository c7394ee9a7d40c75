from __future__ import annotations

import uuid

import pytest

from accounts.models import User
from accounts.roles import Role
from accounts.testing import authorization
from solarium import metrics
from solarium.tests.metrics_page import figures, series

TOKEN = "a-token-for-the-scraper-0123456789"


def get(client, authorization=None):
    headers = {} if authorization is None else {"Authorization": authorization}
    return client.get("/metrics", headers=headers)


@pytest.fixture
def scrape(client, settings):
    """Read the page as the scraper does."""
    settings.METRICS_TOKEN = TOKEN

    def read():
        answer = get(client, f"Bearer {TOKEN}")
        assert answer.status_code == 200, answer.content
        return figures(answer.content)

    return read


@pytest.mark.django_db
class TestAccess:
    """S66."""

    @pytest.fixture(autouse=True)
    def _token(self, settings):
        settings.METRICS_TOKEN = TOKEN

    def ask_as(self, client, role):
        return client.get("/metrics", **authorization(User.objects.create_user(role=role)))

    def refused(self, answer):
        assert answer.status_code == 401, answer.content
        assert answer["Content-Type"].startswith("application/problem+json")
        assert answer["WWW-Authenticate"]
        assert answer.json()["code"] == "not_authenticated"
        assert b"solarium_requests" not in answer.content

    def test_the_scraper_gets_prometheus_text(self, client):
        answer = get(client, f"Bearer {TOKEN}")

        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Request-ID"]
        assert b"# TYPE solarium_requests_total counter" in answer.content

    @pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
    def test_the_scheme_has_no_case(self, client, scheme):
        assert get(client, f"{scheme} {TOKEN}").status_code == 200

    def test_an_admin_may_look(self, client):
        assert self.ask_as(client, Role.ADMIN).status_code == 200

    @pytest.mark.parametrize("role", [Role.KAM, Role.CHANNEL_PARTNER, Role.CUSTOMER])
    def test_nobody_else_may(self, client, role):
        self.refused(self.ask_as(client, role))

    @pytest.mark.parametrize(
        "authorization",
        [
            None,
            "",
            "Bearer",
            "Bearer ",
            "Bearer x",
            f"Bearer {TOKEN}x",
            f"Bearer {TOKEN[:-1]}",
            f"Bearer {TOKEN} {TOKEN}",
            f"Token {TOKEN}",
            f"Basic {TOKEN}",
            TOKEN,
            "Bearer \xff\x00",
            f"Bearer {TOKEN}\u20ac".encode().decode("latin-1"),
            "Bearer " + "a" * 60_000,
        ],
    )
    def test_a_wrong_header_is_401(self, client, authorization):
        self.refused(get(client, authorization))

    @pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer ", "Bearer None"])
    def test_no_token_set_opens_to_no_token(self, client, settings, authorization):
        settings.METRICS_TOKEN = ""

        self.refused(get(client, authorization))

    def test_a_token_beyond_ascii_works(self, client, settings):
        settings.METRICS_TOKEN = "schlüssel"

        # As a server hands it on: bytes, one character each.
        assert get(client, "Bearer schlüssel".encode().decode("latin-1")).status_code == 200
        self.refused(get(client, "Bearer schl"))

    def test_only_get(self, client):
        answer = client.post("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


class TestRequests:
    def test_a_request_counts_under_its_pattern(self, client, scrape):
        requests = series("requests_total", method="GET", route="healthz", status="200")
        times = series("request_seconds_count", route="healthz")
        before = scrape()

        client.get("/healthz")

        after = scrape()
        assert after[requests] - before.get(requests, 0) == 1
        assert after[times] - before.get(times, 0) == 1

    def test_strangers_cannot_grow_labels(self, client, scrape):
        client.generic("BREW", "/nope/first")
        before = scrape()

        for method in ("BREW", "brew", "STEEP", "X" * 500):
            client.generic(method, f"/nope/{uuid.uuid4()}?a={uuid.uuid4()}")

        after = scrape()
        unknown = series("requests_total", method="other", route="", status="404")
        assert after[unknown] - before[unknown] == 4
        # The scrape itself may be new among them.
        assert {
            key for key in after.keys() - before.keys() if "metrics" not in dict(key[1])["route"]
        } == set()

    def test_what_is_no_method_is_other(self, scrape):
        route = str(uuid.uuid4())

        metrics.observe_request(method=None, route=route, status=200, seconds=0.01)
        metrics.observe_request(method="get", route=route, status=200, seconds=0.01)

        assert scrape()[series("requests_total", method="other", route=route, status="200")] == 2


class TestBreakers:
    @pytest.mark.parametrize(("state", "number"), [("closed", 0), ("half_open", 1), ("open", 2)])
    def test_states_are_numbers(self, scrape, monkeypatch, state, number):
        monkeypatch.setattr(
            "integrations.gateways.breaker_states",
            lambda: {"msg91": "closed", "sendgrid": state},
        )

        page = scrape()

        assert page[series("breaker_state", provider="msg91")] == 0
        assert page[series("breaker_state", provider="sendgrid")] == number

    def test_the_page_is_there_while_cache_and_database_are_down(self, scrape, settings):
        # No database: this test may not touch one.
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": "redis://127.0.0.1:1/0",
            }
        }

        page = scrape()

        for provider in ("msg91", "sendgrid", "azure_blob"):
            assert page[series("breaker_state", provider=provider)] == 0
