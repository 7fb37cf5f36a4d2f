"""Who holds an office from when to when: begun, ended, taken back, and where nobody does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from boundaries.models import Office, Official, Term
from geoplatform import sql
from geoplatform.errors import Conflict, InvalidRequest, NotFound

DAY = timedelta(days=1)
LONGEST = 200


@dataclass(frozen=True)
class Gap:
    """Days on which nobody held an office that somebody had held; ``until`` None: it lasts."""

    office: str
    title: str
    since: date
    until: date | None
    before: str
    after: str | None


def gaps(on: date) -> list[Gap]:
    """Return every gap until a day in the city, the latest first."""
    return [Gap(**row) for row in sql.dicts("boundaries/gaps", {"on": on})]


def of(office: str) -> Sequence[Term]:
    """Return the terms of an office, the latest first."""
    return sorted(
        Term.objects.filter(office=office).select_related("official"),
        key=lambda term: term.during.lower or date.min,
        reverse=True,
    )


@transaction.atomic
def begin(office: str, name: str, since: date, until: date | None, acting: bool) -> Term:
    """Let an official hold an office from a day to a last day, or on.

    Parameters
    ----------
    name
        Of the official; a name that nobody has yet is somebody new.

    Raises
    ------
    NotFound
        There is no such office.
    InvalidRequest
        The name cannot be used, or the last day comes before the first.
    Conflict
        Somebody else holds the office then.
    """
    if not Office.objects.select_for_update().filter(code=office).exists():
        raise NotFound(f"no office {office!r}")
    name = name.strip()
    if not name or not name.isprintable() or len(name) > LONGEST:
        raise InvalidRequest(f"official {name!r}: a name of 1 to {LONGEST} characters is wanted")
    during = _range(since, until)
    _check_free(office, during)
    official, _ = Official.objects.get_or_create(name=name)
    return Term.objects.create(office_id=office, official=official, during=during, acting=acting)


@transaction.atomic
def end(id: int, last: date | None) -> Term:
    """Let a term end with a day; None: let it last.

    Raises
    ------
    NotFound
        There is no such term.
    InvalidRequest
        It began later.
    Conflict
        Somebody else holds the office then.
    """
    term = _held(id)
    term.during = _range(term.during.lower, last)
    _check_free(term.office_id, term.during, but=id)
    term.save(update_fields=["during"])
    return term


@transaction.atomic
def drop(id: int) -> Term:
    """Take back a term that was put down by mistake; returns what it was, or raises NotFound."""
    term = _held(id)
    Term.objects.filter(id=id).delete()
    return term


def last_day(term: Term) -> date | None:
    """Return the last day of a term; None: it lasts."""
    return term.during.upper - DAY if term.during.upper else None


def _held(id: int) -> Term:
    """Return a term, and let nobody else change those of its office until the transaction ends."""
    term = Term.objects.select_related("official").filter(id=id).first()
    if term is None:
        raise NotFound(f"no term {id}")
    Office.objects.select_for_update().get(code=term.office_id)
    term.refresh_from_db(fields=["during"])
    return term


def _range(since: date | None, until: date | None) -> DateRange:
    if since and until and until < since:
        raise InvalidRequest(f"until {until}: it comes before {since}, on which the term begins")
    return DateRange(since, until + DAY if until else None)


def _check_free(office: str, during: DateRange, but: int = 0) -> None:
    others = Term.objects.filter(office=office, during__overlap=during).exclude(pk=but)
    if other := others.select_related("official").order_by("during").first():
        last = last_day(other)
        until = f"to {last}" if last else "on"
        raise Conflict(f"office {office!r}: {other.official.name} holds it from {other.during.lower} {until}")
