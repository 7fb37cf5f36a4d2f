"""Whom to tell of a hole, and how a view says that it goes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.http import HttpResponse
from django.utils import timezone

from api.public import deprecated

ADDRESS = "/.well-known/security.txt"


def test_without_a_contact_there_is_none(client, db):
    assert client.get(ADDRESS).status_code == 404


def test_it_has_what_rfc_9116_wants(client, db, settings):
    settings.SECURITY_CONTACT = "mailto:keamanan@example.go.id"
    answer = client.get(ADDRESS)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:keamanan@example.go.id"
    assert fields["Canonical"] == f"http://testserver{ADDRESS}"
    expires = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=90) < expires - timezone.now() < timedelta(days=365)


@pytest.mark.parametrize("link", [None, '<x>; rel="next"'])
def test_a_deprecated_view_says_since_and_until_when_and_what_instead(rf, link):
    @deprecated(since=date(2027, 1, 1), ends=date(2027, 7, 2), instead="/api/new")
    def view(request):
        return HttpResponse(headers={"Link": link} if link else {})

    answer = view(rf.get("/"))
    assert answer["Deprecation"] == "@1798761600"
    assert answer["Sunset"] == "Fri, 02 Jul 2027 00:00:00 GMT"
    assert answer["Link"].endswith('</api/new>; rel="deprecation"')
    assert answer["Link"].startswith(link or "<")
