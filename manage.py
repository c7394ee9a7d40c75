#!/usr/bin/env python
"""Django's command line; ``manage.py help`` lists the commands."""

from __future__ import annotations

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

ARGPARSE_REFUSAL = 2


def main() -> None:
    """Run a command; what it refuses gets a sentence and exit code 1, never a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "solarium.settings")
    try:
        for argument in sys.argv:
            argument.encode()
    except UnicodeEncodeError:
        sys.exit("An argument is not valid UTF-8.")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as err:
        sys.exit(f"{err} See docs/settings.md.")
    except SystemExit as stop:
        sys.exit(1 if stop.code == ARGPARSE_REFUSAL else stop.code)


if __name__ == "__main__":
    main()
