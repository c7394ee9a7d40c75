"""A session that begins while its account is closed ends with the others."""

from __future__ import annotations

from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from accounts import sessions
from accounts.models import AuthToken, User
from accounts.roles import Role
from otp.tests.asking import PHONE, Asker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
HEAD_START_SECONDS = 0.5  # as much as it takes, where nothing holds it back


def close_account():
    User.objects.filter(phone=PHONE).update(is_active=False)
    sessions.end_everything(user=User.objects.get(phone=PHONE), now=timezone.now())
    connection.close()


def test_disabled_between_the_look_at_the_account_and_the_token(wire):
    User.objects.create_user(role=Role.CUSTOMER, phone=PHONE)
    wire.msg91_accepts()
    asker = Asker(wire, address="192.0.2.1")
    asker.send()
    closing = Thread(target=close_account)

    def closed_just_before_the_token(execute, sql, params, many, context):
        if "INSERT" in sql and AuthToken._meta.db_table in sql:
            closing.start()
            closing.join(HEAD_START_SECONDS)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(closed_just_before_the_token):
        answer = asker.verify()
    closing.join()

    assert answer.status_code == 200
    assert not AuthToken.objects.exists()
