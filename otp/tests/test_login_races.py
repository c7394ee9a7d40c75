"""A session that begins while its account is closed ends with the others."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from accounts import sessions
from accounts.models import AuthToken, User
from accounts.roles import Role
from otp import demo_numbers
from otp.models import DemoNumber
from otp.tests import demo_world
from otp.tests.asking import PHONE, Asker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
HEAD_START_SECONDS = 0.5  # as much as it takes, where nothing holds it back


def remove_demo_number():
    demo_numbers.remove(DemoNumber.objects.get())
    connection.close()


def close_account():
    User.objects.filter(phone=PHONE).update(is_active=False)
    sessions.end_everything(user=User.objects.get(phone=PHONE), now=timezone.now())
    connection.close()


def make_account():
    User.objects.create_user(role=Role.CUSTOMER, phone=PHONE)
    connection.close()


@pytest.fixture
def before_the_token():
    """A function: while its block runs, ``act`` runs elsewhere when the token is to be written."""
    return before_insert(AuthToken)


@pytest.fixture
def before_the_account():
    """The same, when the account is to be written."""
    return before_insert(User)


def before_insert(model):
    @contextmanager
    def meanwhile(act):
        other = Thread(target=act)

        def wait(execute, sql, params, many, context):
            if sql.startswith(f'INSERT INTO "{model._meta.db_table}"') and not other.ident:
                other.start()
                other.join(HEAD_START_SECONDS)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(wait):
            yield
        other.join()

    return meanwhile


@pytest.fixture
def asker(wire):
    """Somebody who got a code."""
    wire.msg91_accepts()
    asker = Asker(wire, address="192.0.2.1")
    asker.send()
    return asker


def test_a_disabled_account_has_none(asker, before_the_token):
    User.objects.create_user(role=Role.CUSTOMER, phone=PHONE)

    with before_the_token(close_account):
        answer = asker.verify()

    assert answer.status_code == 200
    assert not AuthToken.objects.exists()


def test_nor_has_a_demo_number_that_was_removed(api_client, before_the_token):
    code = demo_world.make()

    with before_the_token(remove_demo_number):
        answer = demo_world.log_in(api_client, code)

    assert answer.status_code == 200
    assert not AuthToken.objects.exists()


def test_an_account_that_was_made_meanwhile_is_logged_in(asker, before_the_account):
    with before_the_account(make_account):
        answer = asker.verify()

    assert answer.status_code == 200
    assert answer.json()["user"]["id"] == str(User.objects.get().pk)
