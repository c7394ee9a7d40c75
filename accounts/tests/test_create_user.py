from __future__ import annotations

from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuthToken, SecurityEvent, User
from accounts.roles import Role
from integrations import gateways

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(capsys):
    def _run(*args):
        call_command("create_user", *args)
        return capsys.readouterr()

    return _run


def test_makes_and_updates(run, monkeypatch):
    monkeypatch.setenv("PW", PASSWORD)
    out = run("--role=ADMIN", "--email=Ops@Solarium.example", "--password-env=PW").out
    user = User.objects.get()
    assert out == f"{user.pk}\n"
    assert user.email == "ops@solarium.example"
    assert user.is_staff
    assert user.groups.get().name == "ops"
    assert user.check_password(PASSWORD)
    again = run("--role=KAM", "--email=ops@solarium.example", "--name=Asha", "--phone=9876543210")
    assert again.out == out
    user = User.objects.get()
    assert (user.role, user.name, user.phone) == (Role.KAM, "Asha", "+919876543210")
    assert user.check_password(PASSWORD)
    assert not user.is_staff
    assert not user.groups.exists()


def test_new_password_ends_sessions(run, kam, as_user, monkeypatch):
    as_user(kam)
    monkeypatch.setenv("PW", "quite another passphrase")
    run("--role=KAM", f"--email={kam.email}", "--password-env=PW")
    assert not AuthToken.objects.exists()


def test_password_of_a_customer_is_ignored_with_a_word(run, monkeypatch):
    monkeypatch.setenv("PW", PASSWORD)
    result = run("--role=CUSTOMER", "--phone=+91 98765 43210", "--password-env=PW")
    user = User.objects.get()
    assert not user.has_usable_password()
    assert result.out == f"{user.pk}\n"
    assert "ignored" in result.err


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["--email=a@b.example"], "--role"),
        (["--role=BOSS", "--email=a@b.example"], "--role"),
        (["--role=KAM"], "--email or --phone"),
        (["--role=KAM", "--email=nonsense"], "--email"),
        (["--role=KAM", "--email=é@b.example"], "--email"),
        (["--role=KAM", "--email=\u212aam@b.example"], "--email"),
        (["--role=KAM", "--email=a\0@b.example"], "--email"),
        (["--role=CUSTOMER", "--phone=123"], "--phone"),
        (["--role=KAM", "--email=a@b.example", "--password-env=NO_SUCH"], "NO_SUCH"),
        (["--role=KAM", "--email=a@b.example", "--password-env=WEAK"], "12 characters"),
        (["--role=ADMIN", "--email=a@b.example", "--password-env=FOURTEEN"], "15 characters"),
        (["--role=KAM", "--email=a@b.example", "--name=a\nb"], "--name"),
    ],
)
def test_refusals(run, monkeypatch, args, word):
    monkeypatch.setenv("WEAK", "short")
    monkeypatch.setenv("FOURTEEN", "fourteen chars")
    with pytest.raises(CommandError, match=word):
        run(*args)
    assert not User.objects.exists()


def test_two_accounts_are_not_merged(run, kam):
    User.objects.create_user(role=Role.CUSTOMER, phone="+919876543210")
    with pytest.raises(CommandError, match="two different accounts"):
        run("--role=KAM", f"--email={kam.email}", "--phone=9876543210")


def test_who_is_no_admin_any_more_may_do_nothing_in_the_admin(run):
    """Erasing a person asks for this first."""
    chief = User.objects.create_superuser(email="chief@solarium.example")

    run("--role=CUSTOMER", f"--email={chief.email}")

    chief.refresh_from_db()
    assert (chief.is_staff, chief.is_superuser) == (False, False)


def test_its_event_has_a_correlation_id(run):
    gateways.bind_correlation_id("")

    run("--role=KAM", "--email=a@b.example")

    assert UUID(SecurityEvent.objects.get().correlation_id)
