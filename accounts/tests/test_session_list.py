from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuthToken, SecurityEvent, User
from accounts.roles import App, Role
from accounts.sessions import issue_token

pytestmark = pytest.mark.django_db


def test_lists_the_callers_live_sessions_newest_first(as_user, kam):
    """S25."""
    now = timezone.now()
    issue_token(user=kam, app=App.WEBPRT, now=now - timedelta(hours=13))
    other = User.objects.create_user(role=Role.KAM, email="other@solarium.example")
    issue_token(user=other, app=App.WEBPRT, now=now)
    as_user(kam)
    AuthToken.objects.update(created=now - timedelta(minutes=1))
    client = as_user(kam)

    answer = client.get("/auth/sessions")

    body = answer.json()
    assert answer.status_code == 200
    assert body.keys() == {"success", "sessions", "page", "pages", "total", "correlationId"}
    assert (body["page"], body["pages"], body["total"]) == (1, 1, 2)
    newest, older = body["sessions"]
    assert newest.keys() == {"id", "app", "createdAt", "expiresAt", "current"}
    assert (newest["app"], newest["current"], older["current"]) == ("WEBPRT", True, False)
    assert newest["createdAt"] > older["createdAt"]
    assert newest["createdAt"].endswith("Z")
    assert newest["expiresAt"].endswith("Z")


def test_ids_lead_to_no_token(as_user, kam):
    client = as_user(kam)
    token = AuthToken.objects.get()

    (session,) = client.get("/auth/sessions").json()["sessions"]

    uuid.UUID(session["id"])
    assert session["id"].replace("-", "") not in token.digest
    assert not token.digest.startswith(session["id"][:8])


def test_ends_one_session(as_user, kam):
    old, new = as_user(kam), as_user(kam)
    ended = next(s for s in new.get("/auth/sessions").json()["sessions"] if not s["current"])

    answer = new.delete(f"/auth/sessions/{ended['id']}")

    assert answer.status_code == 200
    assert answer.json()["success"] is True
    assert old.get("/auth/me").status_code == 401
    assert new.get("/auth/me").status_code == 200
    assert SecurityEvent.objects.get(kind="sessions_ended").actor_id == kam.pk
    assert new.delete(f"/auth/sessions/{ended['id']}").status_code == 404


def test_ends_its_own_session(as_user, kam):
    client = as_user(kam)
    (session,) = client.get("/auth/sessions").json()["sessions"]

    assert client.delete(f"/auth/sessions/{session['id']}").status_code == 200
    assert client.get("/auth/me").status_code == 401


def test_a_session_of_another_is_404(as_user, kam):
    other = User.objects.create_user(role=Role.KAM, email="other@solarium.example")
    theirs = as_user(other)
    (session,) = theirs.get("/auth/sessions").json()["sessions"]

    for wanted in (session["id"], str(uuid.uuid4()), "x", "%00"):
        answer = as_user(kam).delete(f"/auth/sessions/{wanted}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    assert theirs.get("/auth/me").status_code == 200


def test_pages(as_user, kam, settings):
    settings.PAGE_SIZE = 2
    clients = [as_user(kam) for _ in range(3)]

    second = clients[0].get("/auth/sessions?page=2").json()
    beyond = clients[0].get("/auth/sessions?page=999999999999999").json()

    assert (len(second["sessions"]), second["pages"], second["total"]) == (1, 2, 3)
    assert second["sessions"][0]["current"] is True
    assert beyond["sessions"] == []


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=1&page=2", "page=１"])
def test_a_bad_page_is_a_bad_form(as_user, kam, query):
    answer = as_user(kam).get(f"/auth/sessions?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")


def test_without_a_token_401(api_client):
    assert api_client.get("/auth/sessions").status_code == 401
    assert api_client.delete(f"/auth/sessions/{uuid.uuid4()}").status_code == 401
