"""Who holds which office when, where nobody does, and where they are told."""

from typing import Any

from django.db.models import Q

from api import params
from api.casework.door import Asked, door, only
from boundaries import lookup, terms
from boundaries.models import Office, Term
from casework.escalation import contacts
from casework.models import Contact
from geoplatform.errors import InvalidRequest, NotFound
from reports import activation

MANAGE, VIEW = "boundaries.manage_officials", "casework.view_case"
MOST = 1000


def offices(asked: Asked) -> Any:
    """``GET /api/staff/admin/offices``: offices and who holds them today."""
    params.only(asked.request, {"q"})
    today, words = lookup.city_day(asked.at), asked.request.GET.get("q", "").strip()
    found = Office.objects.order_by("code")
    if words:
        held = Term.objects.filter(official__name__icontains=words, during__contains=today)
        named = Q(title__icontains=words) | Q(code__icontains=words) | Q(boundary_code__startswith=words)
        found = found.filter(named | Q(pk__in=held.values("office")))
    rows = list(found[:MOST])
    current = Term.objects.filter(office__in=rows, during__contains=today).select_related("official")
    holders = {term.office_id: term for term in current}
    return {"offices": [{**_office(one), "holder": _term(holders.get(one.code))} for one in rows]}


def office(asked: Asked, code: str) -> Any:
    """``GET /api/staff/admin/offices/{code}``: an office, its terms, its gaps, and where it is told."""
    params.only(asked.request, set())
    one = find(code)
    today = lookup.city_day(asked.at)
    return {
        **_office(one),
        "terms": [_term(term) for term in terms.of(code)],
        "gaps": [_gap(gap) for gap in terms.gaps(today) if gap.office == code],
        "contacts": [
            {"channel": said.channel, "address": contacts.masked(said.address)}
            for said in Contact.objects.filter(office=code).order_by("channel")
        ],
    }


def gaps(asked: Asked) -> Any:
    """``GET /api/staff/admin/gaps``: the days on which nobody held an office that somebody had held."""
    params.only(asked.request, set())
    return {"gaps": [_gap(one) for one in terms.gaps(lookup.city_day(asked.at))]}


def begin(asked: Asked, code: str) -> Any:
    """``POST /api/staff/admin/offices/{code}/terms``: let somebody hold an office from a day on."""
    only(asked, {"official", "since", "until", "acting"})
    since = asked.day("since")
    if since is None:
        raise InvalidRequest("since '': a date (YYYY-MM-DD) is wanted")
    term = terms.begin(code, asked.text("official"), since, asked.day("until"), asked.flag("acting"))
    return _done(asked, "term.begin", term)


def end(asked: Asked, id: int) -> Any:
    """``POST /api/staff/admin/terms/{id}/end``: let a term end with a day; without one let it last."""
    only(asked, {"last"})
    former = Term.objects.filter(id=id).first()
    term = terms.end(id, asked.day("last"))
    was = terms.last_day(former) if former else None
    return {**_done(asked, "term.end", term, was=str(was or "")), "was": was}


def drop(asked: Asked, id: int) -> Any:
    """``POST /api/staff/admin/terms/{id}/drop``: take back a term that was put down by mistake."""
    only(asked, set())
    return _done(asked, "term.drop", terms.drop(id))


def put_contact(asked: Asked, code: str) -> Any:
    """``POST /api/staff/admin/offices/{code}/contacts``: say where an office is told; empty: no longer."""
    only(asked, {"channel", "address"})
    find(code)
    made = contacts.put(code, None, asked.text("channel").strip(), asked.text("address").strip())
    asked.record("contact.put", f"office:{code}", channel=asked.text("channel"), is_kept=made is not None)
    return {"office": code, "address": contacts.masked(made.address) if made else None}


def find(code: str) -> Office:
    """Return an office, or raise NotFound."""
    one = Office.objects.filter(code=code).first()
    if one is None:
        raise NotFound(f"no office {code!r}")
    return one


def _done(asked: Asked, action: str, term: Term, **details: Any) -> dict[str, Any]:
    """Record a change of a term, and say anew who was to answer what came since."""
    until = terms.last_day(term)
    shown = {"since": str(term.during.lower or ""), "until": str(until or ""), "acting": term.acting}
    rerouted = activation.route_anew(term.office_id, term.during.lower)
    asked.record(action, f"office:{term.office_id}", official=term.official_id, **shown, **details)
    return {"term": _term(term), "reports_in_other_hands": rerouted}


def _office(one: Office) -> dict[str, Any]:
    return {"code": one.code, "title": one.title, "level": one.level, "boundary_code": one.boundary_code}


def _term(term: Term | None) -> dict[str, Any] | None:
    if term is None:
        return None
    return {
        "id": term.pk,
        "official": term.official.name,
        "since": term.during.lower,
        "until": terms.last_day(term),
        "acting": term.acting,
    }


def _gap(gap: terms.Gap) -> dict[str, Any]:
    return {
        "office": gap.office, "title": gap.title, "since": gap.since, "until": gap.until,
        "before": gap.before, "after": gap.after,
    }  # fmt: skip


offices_door = door(GET=(VIEW, offices))
office_door = door(GET=(MANAGE, office))
gaps_door = door(GET=(VIEW, gaps))
terms_door = door(POST=(MANAGE, begin))
end_door = door(POST=(MANAGE, end))
drop_door = door(POST=(MANAGE, drop))
contacts_door = door(POST=(MANAGE, put_contact))
