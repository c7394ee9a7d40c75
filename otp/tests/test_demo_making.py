"""Who gets a demo number, and what is left of it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from integrations.testing import at_once
from otp import funnel, retention
from otp.models import Challenge, DemoNumber, State
from otp.tests.asking import PHONE
from otp.tests.demo_world import log_in, make, send

pytestmark = pytest.mark.django_db


class TestMake:
    @pytest.mark.parametrize("role", [Role.ADMIN, Role.KAM, "OWNER", ""])
    def test_other_roles_are_refused(self, role):
        with pytest.raises(ValidationError):
            make(role)

        assert not DemoNumber.objects.exists()
        assert not User.objects.exists()

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.KAM])
    def test_the_database_refuses_them_too(self, role):
        now = timezone.now()
        number = DemoNumber(
            phone_e164=PHONE,
            role=role,
            code_digest="d",
            ends_at=now + timedelta(days=1),
            made_by=uuid.uuid4(),
            created_at=now,
        )

        with pytest.raises(IntegrityError), transaction.atomic():
            number.save()

    @pytest.mark.parametrize(
        "fields",
        [{"role": Role.ADMIN}, {"role": Role.KAM}, {"role": Role.CHANNEL_PARTNER}]
        + [{"role": Role.CUSTOMER, "is_staff": True}],
    )
    def test_the_number_of_somebody_else_is_refused(self, fields):
        User.objects.create_user(phone=PHONE, **fields)

        with pytest.raises(ValidationError, match="another role"):
            make()

    @pytest.mark.parametrize(
        ("days", "allowed"), [(0, False), (-1, False), (90, True), (91, False)]
    )
    def test_it_ends_within_90_days(self, days, allowed):
        if allowed:
            make(days=days)
        else:
            with pytest.raises(ValidationError):
                make(days=days)

        assert DemoNumber.objects.exists() is allowed

    def test_once_a_number(self):
        make()

        with pytest.raises(ValidationError, match="already exists"):
            make()

    @pytest.mark.postgres
    @pytest.mark.django_db(transaction=True)
    def test_of_eight_at_once_one_is_made(self):
        def attempt(_):
            try:
                return len(make())
            except ValidationError:
                return "refused"

        assert at_once(8, attempt) == {6: 1, "refused": 7}
        assert DemoNumber.objects.count() == User.objects.count() == 1

    def test_no_table_holds_the_code(self, api_client, wire):
        """S2."""
        code = make()
        log_in(api_client, code)

        for table in connection.introspection.table_names():
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  (a name of ours)
                for row in cursor.fetchall():
                    assert code not in [str(value) for value in row], table
        assert code not in str(DemoNumber.objects.values().get())


def test_demo_numbers_do_not_count_as_sent(api_client, wire):
    """S15: nobody waits for an SMS there."""
    make()
    send(api_client)
    Challenge.objects.update(created_at=timezone.now() - timedelta(minutes=10))

    assert Challenge.objects.get().state == State.ACCEPTED
    assert funnel.measure(now=timezone.now()).sent == 0


def test_what_is_over_is_purged(time_machine):
    make(days=1)
    time_machine.move_to(timezone.now() + timedelta(days=1, hours=1))

    call_command("purge_records")

    assert not DemoNumber.objects.exists()


def test_an_erased_person_leaves_none_behind():
    make()

    assert len(retention.list_demo_numbers(phone_e164=PHONE)) == 1
    retention.erase_phone(phone_e164=PHONE, dry_run=True)
    assert DemoNumber.objects.exists()
    retention.erase_phone(phone_e164=PHONE, dry_run=False)
    assert not DemoNumber.objects.exists()
