"""What the commands of this app and of `solarium` have in common."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from api.fields import parse_phone
from integrations import gateways


class OpsCommand(BaseCommand):
    """Acts under a correlation id of its own; a database that refuses and Ctrl-C get a sentence."""

    def handle(self, *args: Any, **options: Any) -> None:
        gateways.bind_correlation_id(str(uuid.uuid4()))
        try:
            self.act(options)
        except DatabaseError as err:
            # Its own text may hold the values of a statement.
            raise CommandError(
                f"The database refused ({type(err).__name__}). What was done stays done; run this "
                "again when it is up and migrated."
            ) from err
        except KeyboardInterrupt as err:
            raise CommandError("Stopped; run this again to finish.") from err

    def act(self, options: dict[str, Any]) -> None:
        """
        Do what the command is for.

        Raises:
            CommandError: A sentence for whoever called.
        """
        raise NotImplementedError


def read_phone(text: str) -> str:
    """Return the number that ``--phone`` names in E.164; empty where it names none.

    Raises:
        CommandError: It is no mobile number of an allowed country.
    """
    if not text:
        return ""
    phone = parse_phone(text)
    if phone is None:
        raise CommandError("--phone is not a valid mobile number of an allowed country.")
    return phone


def read_email(text: str) -> str:
    """Return the address that ``--email`` names as accounts hold it; empty where it names none.

    Raises:
        CommandError: It is no address, or holds look-alikes of ASCII letters.
    """
    address = text.strip()
    # Before it is lower-cased: of the Kelvin sign that makes a "k".
    if address and not ("@" in address and address.isascii() and address.isprintable()):
        raise CommandError("--email is not a mail address in plain ASCII.")
    return address.lower()
