#!/usr/bin/env python
"""Django's command line; ``manage.py help`` lists the commands."""

from __future__ import annotations

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "solarium.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as err:  # a wrong setting gets a sentence, not a traceback
        sys.exit(f"{err} See docs/settings.md.")
