from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import App, Role
from accounts.sessions import issue_token

PASSWORD = "a long enough passphrase"


@pytest.fixture
def kam(db: None) -> User:
    return User.objects.create_user(
        role=Role.KAM, email="kam@solarium.example", name="Asha Rao", password=PASSWORD
    )


@pytest.fixture
def as_user() -> Callable[[User, App], APIClient]:
    def make(user: User, app: App = App.WEBPRT) -> APIClient:
        client = APIClient()
        client.default_format = "json"
        token = issue_token(user=user, app=app, now=timezone.now()).token
        client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
        return client

    return make


@pytest.fixture
def mailbox(wire: Any) -> Any:
    wire.sendgrid_accepts()
    return wire
