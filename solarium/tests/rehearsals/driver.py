"""Runs ``rehearse_outage`` again and again in one process, which spares its start.

Each line of stdin is a JSON list of arguments; each line of stdout says how the command ended.
"""

from __future__ import annotations

import io
import json
import sys

import django
from django.core.management import CommandError, call_command


def main() -> None:
    django.setup()
    for line in sys.stdin:
        out, progress, refusal = io.StringIO(), io.StringIO(), ""
        try:
            call_command("rehearse_outage", *json.loads(line), stdout=out, stderr=progress)
        except CommandError as err:
            refusal = str(err)
        answer = {"out": out.getvalue(), "progress": progress.getvalue(), "refusal": refusal}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
