"""``manage.py enrol_totp``: gives a staff account its second factor."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts import second_factor, security_events, sessions
from accounts.commands import OpsCommand, read_email
from accounts.models import SecurityEvent, User
from accounts.roles import STAFF


class Command(OpsCommand):
    """Prints the otpauth URI, and nothing else, on stdout."""

    help = (
        "Makes a second factor for a staff account, in place of any earlier one, ends its "
        "sessions, and prints the otpauth URI for the authenticator app: a secret, shown once. "
        "Example: manage.py enrol_totp --email asha@solarium.example | qrencode -t ansiutf8"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", default="", help="of an active ADMIN or KAM")

    def act(self, options: dict[str, Any]) -> None:
        email = read_email(options["email"])
        if not email:
            raise CommandError("Give --email, so that the account can be found.")
        user = User.objects.filter(email=email).first()
        if user is None or not user.is_active:
            raise CommandError("There is no active account with this email.")
        if user.role not in STAFF and not user.is_staff:
            raise CommandError("Only staff has a second factor: ADMIN, KAM, admin users.")
        with transaction.atomic():
            uri = second_factor.enrol(user=user)
            sessions.end_everything(user=user, now=timezone.now())
            security_events.record(
                kind=SecurityEvent.Kind.SECOND_FACTOR,
                result=SecurityEvent.Result.OK,
                subject=email,
                detail="enrolled by a command",
            )
        self.stdout.write(uri)
