"""Times as a table of the settings describes them: ISO 8601, seconds, milliseconds, or a form of strptime."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Any, NoReturn

from geoplatform.errors import FeedChanged, Rejected
from ingest.reading.fields import instant

ISO, SECONDS, MILLISECONDS = "iso", "epoch_s", "epoch_ms"


class Times:
    """Reads the times of one source.

    ``refuse`` is told which option cannot be used, and why.
    """

    def __init__(self, form: str, zone: tzinfo, refuse: Callable[[str, str], NoReturn]) -> None:
        self._form, self._zone = form, zone
        if form not in (ISO, SECONDS, MILLISECONDS):
            self._try(form, refuse)

    def read(self, value: Any) -> datetime:
        """Return the UTC instant of a time; Rejected where it has another form."""
        try:
            return instant(self._read(value), self._zone)
        except (FeedChanged, ValueError, OverflowError):
            # Not the value: beside a time it may hold anything.
            raise Rejected(f"a time is not of the form {self._form!r}") from None

    def _read(self, value: Any) -> Any:
        if self._form in (SECONDS, MILLISECONDS):
            if isinstance(value, bool) or not isinstance(value, int | float | str):
                raise ValueError
            return round(float(value) * (1000 if self._form == SECONDS else 1))
        if not isinstance(value, str):
            raise ValueError
        if self._form == ISO:
            return value.strip()
        return datetime.strptime(value.strip(), self._form).isoformat()  # noqa: DTZ007

    @staticmethod
    def _try(form: str, refuse: Callable[[str, str], NoReturn]) -> None:
        when = datetime(2026, 5, 14, 12, 30, tzinfo=UTC)
        try:
            read = datetime.strptime(when.strftime(form), form)  # noqa: DTZ007
        except ValueError:
            refuse("time_format", f"is {form!r}: iso, epoch_s, epoch_ms, or a form such as %d/%m/%Y %H:%M")
        if read.date() != when.date():
            refuse("time_format", f"is {form!r}, which names no whole date")
