"""Options that several commands read."""

from argparse import ArgumentTypeError
from datetime import date


def day(text: str) -> date:
    """Read a date (YYYY-MM-DD)."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date (YYYY-MM-DD)") from None
