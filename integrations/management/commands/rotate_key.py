"""``manage.py rotate_key``: changes a key without losing a request."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseFailure
from django.utils import timezone

from integrations import key_list, keys, reencryption, rotation
from integrations.correlation import bind_correlation_id
from integrations.errors import GatewayMisconfigured
from integrations.key_list import KeyFacts
from integrations.key_rows import RotationRefused, Step

PROVIDERS = (*rotation.PROVIDERS, key_list.ENCRYPTION)
STEPS = ("stage", "activate", "retire", "list")
MOST_CHARACTERS = 4096  # far above any key
_OF_ENCRYPTION: dict[str, Callable[..., Step]] = {
    "stage": reencryption.stage,
    "activate": reencryption.activate,
    "retire": reencryption.retire,
}


class Command(BaseCommand):
    """Prints one sentence a step; never a key, but for a new encryption key, once."""

    help = (
        "Changes a key in three steps: stage proves a new key (from stdin or --from-env, never "
        "from the command line) and stores it beside the old one, activate makes it the one in "
        "use within 5 s, retire drops the old one. Each step is safe to repeat. Example: "
        "manage.py rotate_key msg91 stage < new-key && manage.py rotate_key msg91 activate"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("provider", nargs="?", default="", help=", ".join(PROVIDERS))
        parser.add_argument("step", nargs="?", default="", help=", ".join(STEPS))
        parser.add_argument(
            "--from-env", metavar="VAR", help="stage: the environment variable with the new key"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would change, and change nothing"
        )
        parser.add_argument("--json", action="store_true", help="list: for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        provider, step = options["provider"], options["step"]
        if provider not in PROVIDERS:
            raise CommandError(f"Name a provider: {', '.join(PROVIDERS)}.")
        if step not in STEPS:
            raise CommandError(f"Name a step: {', '.join(STEPS)}.")
        if options["from_env"] is not None and step != "stage":
            raise CommandError("--from-env goes with stage only.")
        if options["json"] and step != "list":
            raise CommandError("--json goes with list only.")
        bind_correlation_id(str(uuid4()))
        try:
            if step == "list":
                self._list(key_list.list_keys(provider=provider), as_json=options["json"])
            else:
                self._say(self._step(provider, step, options))
        except (RotationRefused, GatewayMisconfigured) as err:
            raise CommandError(str(err)) from None
        except DatabaseFailure as err:
            # Its own text may hold the values of a statement.
            raise CommandError(
                f"The database did not take it ({type(err).__name__}): is it read-only, down or "
                "without its tables? Nothing was changed."
            ) from None

    def _step(self, provider: str, step: str, options: dict[str, Any]) -> Step:
        now, dry_run = timezone.now(), options["dry_run"]
        if provider == key_list.ENCRYPTION:
            return _OF_ENCRYPTION[step](now=now, dry_run=dry_run)
        if step == "stage":
            made_here = provider == keys.PEPPER
            key = "" if made_here else _read_key(options["from_env"])
            return rotation.stage(provider=provider, key=key, now=now, dry_run=dry_run)
        act = rotation.activate if step == "activate" else rotation.retire
        return act(provider=provider, now=now, dry_run=dry_run)

    def _say(self, step: Step) -> None:
        for warning in step.warnings:
            self.stderr.write(f"Warning: {warning}")
        self.stdout.write(step.text)
        if step.secret:
            self.stdout.write(step.secret)

    def _list(self, found: list[KeyFacts], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps([_as_json(fact) for fact in found], indent=2))
            return
        now = timezone.now()
        for fact in found:
            age = f"{(now - fact.created_at).days} days old" if fact.created_at else "age unknown"
            used = f"last used {_text(fact.last_used_at)}" if fact.last_used_at else "no use seen"
            since = f", in use since {_text(fact.activated_at)}" if fact.activated_at else ""
            self.stdout.write(
                f"{fact.fingerprint}  {fact.state:<8}  {fact.source:<11}  {age}{since}, {used}"
            )


def _read_key(variable: str | None) -> str:
    if variable is not None:
        key = os.environ.get(variable, "")
        if not key.strip():
            raise CommandError(f"The environment variable {variable} is not set.")
        return key
    if sys.stdin.isatty():
        raise CommandError("Give the new key on stdin, or by --from-env VAR.")
    try:
        return sys.stdin.read(MOST_CHARACTERS)
    except UnicodeDecodeError:
        raise CommandError("What came on stdin is no text; nothing was changed.") from None


def _as_json(fact: KeyFacts) -> dict[str, str | None]:
    return {
        "fingerprint": fact.fingerprint,
        "state": fact.state,
        "source": fact.source,
        "createdAt": _text(fact.created_at),
        "activatedAt": _text(fact.activated_at),
        "lastUsedAt": _text(fact.last_used_at),
    }


def _text(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
