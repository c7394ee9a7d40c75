"""``manage.py rehearse_outage``: what a provider's outage does to the system that runs here."""

from __future__ import annotations

import json
import shlex
import signal
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sandbox.local.children import STOP_SIGNALS
from sandbox.local.setup import ROOT
from sandbox.rehearsal import expected, plan, report, verdict
from sandbox.rehearsal.run import Rehearsal
from sandbox.rehearsal.stand_ins import NotReady

REPORTS = ROOT / "var" / "rehearsals"
LENGTHS = {
    "for": ("60s", "how long the fault lasts, as 60s or 2m"),
    "before": ("10s", "traffic before the fault"),
    "recovery": ("2m", "at most so long afterwards; ends sooner if well"),
    "every": ("2s", "how often each flow begins"),
}


class Command(BaseCommand):
    help = (
        "Orders a fault of a provider at the sandbox while light traffic uses the system that "
        "bin/run serves, and says whether users, ops and the other providers saw what they must. "
        "Ends with 1 where they did not. Example: "
        "DJANGO_DEBUG=true manage.py rehearse_outage msg91 --fault timeout --for 60s"
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("provider", help=", ".join(expected.rehearsed()))
        parser.add_argument("--fault", required=True, help="as GET /faults lists them")
        for name, (default, words) in LENGTHS.items():
            parser.add_argument(f"--{name}", default=default, help=f"{words} ({default})")
        parser.add_argument("--backend", default="http://localhost:8000", metavar="URL")
        parser.add_argument("--sandbox", default="http://localhost:8025", metavar="URL")
        parser.add_argument("--report-dir", type=Path, default=REPORTS, metavar="FOLDER")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        for signum in STOP_SIGNALS:
            signal.signal(signum, signal.default_int_handler)
        say = self._whisper if options["json"] else self._say
        try:
            course = Rehearsal(plan=_plan(options), say=say).go()
        except NotReady as err:
            raise CommandError(str(err)) from err
        except KeyboardInterrupt:
            self._whisper("Stopped; the fault is taken back.")
            sys.exit(1)
        checks = verdict.judge(course)
        if options["json"]:
            self._say(json.dumps(report.as_data(course, checks)))
        else:
            self._say("\n" + "\n".join(report.sentences(checks)))
        try:
            page = report.write(
                course, checks, folder=options["report_dir"], command=_command(options)
            )
        except OSError as err:
            raise CommandError(f"The report cannot be written: {err.strerror}.") from err
        say(f"\nReport: {page}")
        if not report.passed(checks):
            raise CommandError(report.NOT_WELL)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _whisper(self, line: str) -> None:
        self.stderr.write(line)
        self.stderr.flush()


def _plan(options: dict[str, Any]) -> plan.Plan:
    provider, fault = options["provider"], options["fault"]
    faults = expected.rehearsed()
    if provider not in faults:
        raise NotReady(f"The provider must be one of: {', '.join(faults)}.")
    wanted = expected.expect(provider=provider, fault=fault)
    if wanted is None:
        raise NotReady(f"A fault of {provider} is one of: {', '.join(faults[provider])}.")
    lengths = {}
    for name in LENGTHS:
        try:
            lengths[name] = plan.seconds(options[name])
        except ValueError as err:
            raise NotReady(f"--{name}: {err}.") from err
    made = plan.Plan(
        provider=provider,
        fault=fault,
        expected=wanted,
        limits=plan.limits(),
        backend_url=options["backend"].rstrip("/"),
        sandbox_url=options["sandbox"].rstrip("/"),
        before_seconds=lengths["before"],
        fault_seconds=lengths["for"],
        recovery_seconds=lengths["recovery"],
        every_seconds=lengths["every"],
    )
    if (made.limits.alert_failures + 1) * made.every_seconds >= plan.SLIDING_SECONDS:
        raise NotReady(
            f"More than {made.limits.alert_failures} failures in a minute are an alert: with one "
            f"call every {made.every_seconds:g} s there are never so many. Give a shorter --every."
        )
    return made


def _command(options: dict[str, Any]) -> str:
    """Return what makes the same rehearsal again."""
    words = ["manage.py", "rehearse_outage", options["provider"], "--fault", options["fault"]]
    for name, (default, _) in LENGTHS.items():
        if name == "for" or options[name] != default:
            words += [f"--{name}", options[name]]
    return shlex.join(words)
