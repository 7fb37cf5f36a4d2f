"""Ladders and addresses out of their tables: read whole or not at all."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from access.models import Entry
from casework.escalation import contacts, ladder
from casework.escalation.contacts import Address
from casework.models import Contact, Rung
from geoplatform.errors import InvalidRequest

HEADER = "category,number,tier,norm,source\n"
CONTACTS = "office,official,channel,address\n"
LURAH = "kelurahan-31.71.01.1001"


@pytest.fixture
def table(tmp_path):
    """Write a table and return its path."""

    def write(text: str):
        path = tmp_path / "t.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def typed(*words: object) -> list[str]:
    out = io.StringIO()
    call_command(*map(str, words), stdout=out)
    return out.getvalue().splitlines()


def test_the_shipped_ladder_leads_from_lurah_to_the_governors_office_and_names_its_sources(city):
    rungs = ladder.ladders()[None]
    assert [rung.tier for rung in rungs] == ["kelurahan", "kecamatan", "kota", None]
    assert all("no rule prescribes it" in rung.source for rung in rungs)


def test_a_ladder_that_an_operator_changed_stays(city, table):
    ladder.replace(table(HEADER + ",1,kota,light,SK 1\n,5,,,SK 1\n"))
    ladder.load()
    assert [(rung.number, rung.tier) for rung in ladder.ladders()[None]] == [(1, "kota"), (5, None)]


def test_a_table_replaces_the_ladders_of_its_categories_and_no_other(city, table):
    ladder.replace(table(HEADER + "flood,1,kota,governor,SK 1\nflood,2,,,SK 1\n"))
    ladder.replace(table(HEADER + "flood,1,,governor,SK 2\n"))
    assert [rung.source for rung in ladder.ladders()["flood"]] == ["SK 2"]
    assert len(ladder.ladders()[None]) == 4


def test_the_command_shows_the_ladders(city, table):
    lines = typed("ladder", table(HEADER + "flood,1,,governor,SK 2\n"))
    assert len(lines) == 5
    assert lines[1].split()[:6] == ["any", "2", "kecamatan", "after", "24", "hours"]
    assert "flood             1  governor's office  after 24 hours (governor)" in lines[-1]
    with pytest.raises(CommandError, match=r"no\.csv: FileNotFoundError"):
        typed("ladder", "no.csv")
    assert Entry.objects.filter(action="ladder.load", details={"rows": 1}).count() == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("category,number\n", "the header is"),
        (HEADER + "x,1,,,SK\n", "line 2: category 'x' is unknown"),
        (HEADER + ",1,desa,,SK\n", "tier 'desa' is none of kelurahan, kecamatan, kota"),
        (HEADER + ",1,,soon,SK\n", "norm 'soon' is unknown"),
        (HEADER + ",0,,,SK\n", "number '0' is none from 1 to 99"),
        (HEADER + ",1,,, \n", "a rung has a source"),
        (HEADER + ",1,,\n", "5 columns expected"),
        (
            HEADER + ",1,kota,,SK\n,2,kelurahan,,SK\n",
            r"rung 2 \(kelurahan\) does not lead up from rung 1 \(kota\)",
        ),
        (HEADER + ",1,,,SK\n,2,,,SK\n", r"rung 2 \(governor\) does not lead up"),
        (HEADER + ",1,kota,,SK\n,1,,,SK\n", "rung 1"),
        (HEADER + ',1,"kota\n', "t.csv: Error"),
    ],
)
def test_a_ladder_that_cannot_be_used_is_refused_whole(city, table, text, says):
    with pytest.raises(InvalidRequest, match=says):
        ladder.replace(table(text))
    assert Rung.objects.count() == 4


def test_addresses_are_those_of_the_table_and_a_persons_own_comes_first(city, table):
    rows = [
        f"{LURAH},,email,kantor@city.example",
        ",Contoh Lurah Gambir,email,lurah@city.example",
        ",,email,gub@city.example",
    ]
    assert contacts.load(table(CONTACTS + "\n".join(rows))) == 3
    official = Contact.objects.get(official__isnull=False).official_id
    book = contacts.book()
    assert book.of(official, LURAH) == (Address("email", "lurah@city.example"),)
    assert book.of(0, LURAH) == (Address("email", "kantor@city.example"),)
    assert book.governor(None, None) == (Address("email", "gub@city.example"),)
    assert contacts.load(table(CONTACTS)) == 0
    assert contacts.book().of(official, LURAH) == ()


def test_the_command_names_the_offices_that_cannot_be_told(city, table):
    lines = typed("load_contacts", table(f"{CONTACTS}{LURAH},,email,kantor@city.example\n"))
    assert lines[0] == "1 addresses; 313 of 314 offices that are held have none"
    assert len(lines) == 315
    assert lines[-1] == "  the governor's office"
    assert not any(LURAH in line for line in lines)
    assert Entry.objects.filter(action="addresses.load", details={"rows": 1}).count() == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("office,address\n", "the header is"),
        (f"{CONTACTS}kelurahan-1,,email,a@b.example\n", "line 2: office 'kelurahan-1' is unknown"),
        (f"{CONTACTS},Nobody,email,a@b.example\n", "official 'Nobody' is unknown"),
        (
            f"{CONTACTS}{LURAH},Contoh Lurah Gambir,email,a@b.example\n",
            "an office's or an official's, not both",
        ),
        (f"{CONTACTS}{LURAH},,E-mail,a@b.example\n", "channel 'E-mail' is none"),
        (f"{CONTACTS}{LURAH},,email,lurah\n", "address 'lurah' is none of e-mail"),
        (f"{CONTACTS}{LURAH},,sms,\n", "address '' is empty"),
        (f"{CONTACTS}{LURAH},,email\n", "4 columns expected"),
        (
            f"{CONTACTS}{LURAH},,email,a@b.example\n{LURAH},,email,c@d.example\n",
            "line 3: .* has another address above",
        ),
    ],
)
def test_addresses_that_cannot_be_used_are_refused_whole(city, table, text, says):
    Contact.objects.create(channel="email", address="gub@city.example")
    with pytest.raises(InvalidRequest, match=says):
        contacts.load(table(text))
    assert Contact.objects.count() == 1


def test_no_view_for_others_shows_an_address(city):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT view_name FROM information_schema.view_table_usage"
            " WHERE table_name IN ('casework_contact', 'casework_notice')"
        )
        assert cursor.fetchall() == []
