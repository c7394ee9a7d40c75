from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import timezone

from accounts import retention, security_events
from accounts.models import AuthToken, SecurityEvent, User
from accounts.roles import App, Role
from accounts.sessions import issue_token
from integrations.redact import fingerprint

pytestmark = pytest.mark.django_db
PHONE = "+919812345678"
ROOT = Path(__file__).resolve().parents[2]


def record(**fields):
    security_events.record(
        kind=SecurityEvent.Kind.LOGIN,
        result=SecurityEvent.Result.OK,
        **{"client_address": "192.0.2.7", **fields},
    )
    return SecurityEvent.objects.latest("id")


@pytest.fixture
def customer():
    return User.objects.create_user(role=Role.CUSTOMER, phone=PHONE, name="Asha")


@pytest.mark.parametrize(
    ("fields", "staff"),
    [
        ({"role": Role.ADMIN}, True),
        ({"role": Role.KAM}, True),
        ({"role": Role.CUSTOMER, "is_staff": True}, True),
        ({"role": Role.CUSTOMER, "is_superuser": True}, True),
        ({"role": Role.CUSTOMER}, False),
        ({"role": Role.CHANNEL_PARTNER}, False),
    ],
)
def test_staff(fields, staff):
    assert retention.is_staff_account(user=User(**fields)) is staff


def test_addresses_of_colleagues_stay_with_them(customer):
    kam = User.objects.create_user(role=Role.KAM, email="kam@solarium.example")
    by_kam = record(actor_id=kam.pk, subject=PHONE)
    by_stranger = record(subject=PHONE)
    own = record(actor_id=customer.pk)
    about = {"user_id": customer.pk, "fingerprints": [fingerprint(PHONE)]}

    shown = [row["clientAddress"] for row in retention.list_events(**about)]
    assert shown == ["", "192.0.2.7", "192.0.2.7"]

    assert retention.blank_events(**about, dry_run=True) == 3
    assert retention.blank_events(**about, dry_run=False) == 3
    assert retention.blank_events(**about, dry_run=False) == 0

    for event in (by_kam, by_stranger, own):
        event.refresh_from_db()
        assert event.subject_masked == ""
    assert [e.client_address for e in (by_kam, by_stranger, own)] == ["192.0.2.7", "", ""]
    assert by_kam.subject_fingerprint == fingerprint(PHONE)


def test_a_closed_account_lets_nobody_in_and_a_blank_one_names_nobody(customer):
    issue_token(user=customer, app=App.CUSTAP, now=timezone.now())

    retention.close_account(user=customer)
    assert not AuthToken.objects.exists()
    retention.blank_account(user=customer)

    customer.refresh_from_db()
    assert (customer.name, customer.phone, customer.email) == ("", None, None)
    assert not customer.is_active
    assert not customer.has_usable_password()


def test_nobody_else_changes_or_removes_events():
    """S57: insert-only, but for age and erasure."""
    changing = re.compile(r"SecurityEvent\.objects[^\n]*\.(?:update|delete|bulk_update)\(")

    apps = ("accounts", "api", "documents", "emails", "integrations", "otp", "solarium")
    files = [path for app in apps for path in (ROOT / app).rglob("*.py")]
    found = [path for path in files if changing.search(path.read_text())]

    assert [path.relative_to(ROOT) for path in found if "tests" not in path.parts] == [
        Path("accounts/retention.py")
    ]
