"""``manage.py create_user``: makes or updates an account."""

from __future__ import annotations

import os
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import IntegrityError, transaction

from accounts import security_events
from accounts.commands import OpsCommand, read_email, read_phone
from accounts.groups import OPS
from accounts.models import SecurityEvent, User
from accounts.roles import STAFF, Role
from accounts.sessions import end_all_tokens


class Command(OpsCommand):
    """Prints the account's id, and nothing else, on stdout."""

    help = (
        "Makes or updates the account with this email or phone, and prints its id. Example: "
        "NEW=… manage.py create_user --role KAM --email asha@solarium.example --password-env NEW"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", default="", help=", ".join(Role.values))
        parser.add_argument("--email", default="")
        parser.add_argument("--phone", default="", help="a mobile number in any common spelling")
        parser.add_argument("--name")
        parser.add_argument(
            "--password-env",
            metavar="VAR",
            help="the environment variable that holds the password (ADMIN and KAM)",
        )

    def act(self, options: dict[str, Any]) -> None:
        if options["role"] not in Role.values:
            raise CommandError(f"--role must be one of {', '.join(Role.values)}.")
        role = Role(options["role"])
        phone, email = read_phone(options["phone"]), read_email(options["email"])
        if not phone and not email:
            raise CommandError("Give --email or --phone, so that the account can be found again.")
        password = self._password(options["password_env"], role)
        try:
            with transaction.atomic():
                user = self._find(email, phone)
                self._fill(user, role=role, email=email, phone=phone, name=options["name"])
                if password is not None:
                    self._set_password(user, password)
                user.save()
                self._set_group(user)
                if password is not None:
                    end_all_tokens(user=user)
                security_events.record(
                    kind=SecurityEvent.Kind.ACCOUNT_CHANGED,
                    result=SecurityEvent.Result.OK,
                    subject=user.email or user.phone or "",
                    detail=f"create_user {role}" + (", password set" if password else ""),
                )
        except IntegrityError as err:
            raise CommandError("Another account has this email or phone.") from err
        self.stdout.write(str(user.pk))

    def _password(self, variable: str | None, role: Role) -> str | None:
        if variable is None:
            return None
        if role not in STAFF:
            self.stderr.write(f"The password is ignored: {role} logs in by SMS.")
            return None
        password = os.environ.get(variable, "")
        if not password:
            raise CommandError(f"The environment variable {variable} is not set.")
        return password

    def _find(self, email: str, phone: str) -> User:
        found = [
            User.objects.filter(**wanted).first()
            for wanted in ({"email": email}, {"phone": phone})
            if all(wanted.values())
        ]
        users = {user.pk: user for user in found if user is not None}
        if len(users) > 1:
            raise CommandError("The email and the phone belong to two different accounts.")
        return next(iter(users.values()), User())

    def _fill(self, user: User, *, role: Role, email: str, phone: str, name: str | None) -> None:
        user.role = role
        user.email = email or user.email
        user.phone = phone or user.phone
        user.name = user.name if name is None else name
        user.is_staff = role == Role.ADMIN
        user.is_superuser = user.is_superuser and user.is_staff
        if not user.password or role not in STAFF:
            user.set_unusable_password()
        try:
            user.clean_fields()
        except ValidationError as err:
            sentences = [
                f"--{field}: {' '.join(messages)}" for field, messages in err.message_dict.items()
            ]
            raise CommandError(" ".join(sentences)) from err

    def _set_password(self, user: User, password: str) -> None:
        try:
            validate_password(password, user)
        except ValidationError as err:
            raise CommandError("The password is not taken. " + " ".join(err.messages)) from err
        user.set_password(password)

    def _set_group(self, user: User) -> None:
        ops, _ = Group.objects.get_or_create(name=OPS)
        if user.is_staff:
            user.groups.add(ops)
        else:
            user.groups.remove(ops)
