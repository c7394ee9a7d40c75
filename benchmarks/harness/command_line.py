"""What every script understands."""

from __future__ import annotations

import argparse


def parser(script: str | None) -> argparse.ArgumentParser:
    """Return one whose ``--help`` is the script's own text as it stands."""
    return argparse.ArgumentParser(
        description=script, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def is_quick(script: str | None, *, meaning: str) -> bool:
    """Return whether ``--quick`` was given, the only option."""
    asked = parser(script)
    asked.add_argument("--quick", action="store_true", help=meaning)
    return bool(asked.parse_args().quick)
