from datetime import date, timedelta

import pytest
from django.conf import settings

from boundaries import lookup, officials
from boundaries.models import Edition, Level, Office, Official, Term
from geoplatform.errors import BadOfficials
from layers.record import LonLat

HEADER = "level,boundary_code,title,official,from,to,acting"
GAMBIR = "kelurahan,31.71.01.1001,Lurah Gambir"
OFFICE = "kelurahan-31.71.01.1001"
MONAS = LonLat(106.8272, -6.1754)


def state():
    """Return every office, official and term, without ids."""
    terms = Term.objects.values_list("office_id", "official__name", "during", "acting")
    return (
        set(Office.objects.values_list("code", "level", "boundary_code", "title")),
        set(Official.objects.values_list("name", flat=True)),
        sorted(terms, key=str),
    )


@pytest.fixture
def table(tmp_path):
    """Write a table of these rows under the right header and return its path."""

    def write(*rows, header=HEADER):
        path = tmp_path / "officials.csv"
        path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
        return path

    return write


def holder(on):
    """Return who held the office of the lurah of Gambir, as the look-up of a point in Gambir says."""
    (office,) = (o for o in lookup.at(MONAS, on).offices if o.code == OFFICE)
    return office.official and office.official.name


def test_the_demos_officials_are_a_lurah_camat_or_wali_kota_for_each_boundary(city):
    assert Office.objects.count() == 267 + 44 + 6
    assert not Official.objects.exclude(name__startswith="Contoh ").exists()


def test_it_says_how_many_it_loaded(city, table):
    path = table(
        f"{GAMBIR},Contoh A,2020-01-01,2022-12-31,false",
        f"{GAMBIR},Contoh B,2023-01-01,,true",
        "kecamatan,31.71.01,Camat Gambir,Contoh A,2023-01-01,,false",
        "kota,31.71,Wali Kota Jakarta Pusat,,,,",
    )
    assert officials.load(path) == officials.Loaded(offices=3, officials=2, terms=3)


def test_a_reload_ends_with_the_same_rows(city):
    before = state()
    officials.load(settings.ROOT / "fixtures" / "officials.csv")
    assert state() == before


def test_the_terms_of_an_office_become_those_of_the_table(city, table):
    officials.load(table(f"{GAMBIR},Contoh Baru,2026-01-01,,false"))
    assert [term.official.name for term in Term.objects.filter(office=OFFICE)] == ["Contoh Baru"]


def test_offices_that_the_table_does_not_name_keep_their_terms(city, table):
    others = Term.objects.exclude(office=OFFICE)
    before = set(others.values_list("office_id", "official_id", "during"))
    officials.load(table(f"{GAMBIR},Contoh Baru,2026-01-01,,false"))
    assert set(others.values_list("office_id", "official_id", "during")) == before


def test_a_row_without_an_official_says_that_the_office_exists_and_is_vacant(city, table):
    officials.load(table(f"{GAMBIR},,,,"))
    assert Office.objects.filter(code=OFFICE).exists()
    assert holder(date(2026, 5, 14)) is None


def test_it_says_which_codes_the_edition_in_force_has_not(city, table):
    rows = ["kelurahan,31.71.01.9999,Lurah,A,,,", f"{GAMBIR},A,,,", "kecamatan,31.79.01,Camat,,,,"]
    twice = "kelurahan,31.71.01.9999,Lurah,B,2020-01-01,,"
    assert officials.load(table(*rows)).unknown == ("31.71.01.9999", "31.79.01")
    rows[0] = rows[0].replace("A,,,", "A,,2019-12-31,")
    assert officials.load(table(*rows, twice)).unknown == ("31.71.01.9999", "31.79.01")
    Edition.objects.update(validity=None)
    assert officials.load(table(*rows)).unknown == ()  # nothing says which codes there are


def test_a_title_is_brought_up_to_date(city, table):
    officials.load(table("kelurahan,31.71.01.1001,Penjabat Lurah Gambir,,,,"))
    assert Office.objects.get(code=OFFICE).title == "Penjabat Lurah Gambir"


@pytest.mark.parametrize(
    ("on", "name"),
    [
        (date(2019, 12, 31), None),
        (date(2020, 1, 1), "Contoh A"),
        (date(2022, 12, 31), "Contoh A"),
        (date(2023, 1, 1), "Contoh B"),
        (date(2023, 1, 31), "Contoh B"),
        (date(2023, 2, 1), None),
        (date(2024, 6, 1), "Contoh C"),
        (date(2099, 1, 1), "Contoh C"),
    ],
)
def test_from_is_the_first_day_in_office_and_to_the_last(city, table, on, name):
    officials.load(
        table(
            f"{GAMBIR},Contoh A,2020-01-01,2022-12-31,false",
            f"{GAMBIR},Contoh B,2023-01-01,2023-01-31,true",
            f"{GAMBIR},Contoh C,2024-06-01,,false",
        )
    )
    assert holder(on) == name


def test_a_term_without_a_first_day_holds_for_all_days_before_its_last(city, table):
    officials.load(table(f"{GAMBIR},Contoh A,,2022-12-31,false"))
    assert holder(date(1950, 1, 1)) == "Contoh A"


def test_a_term_of_one_day_is_a_term(city, table):
    officials.load(table(f"{GAMBIR},Contoh A,2022-12-31,2022-12-31,false"))
    day = date(2022, 12, 31)
    assert [holder(day + timedelta(days=n)) for n in (-1, 0, 1)] == [None, "Contoh A", None]


def test_a_table_from_a_spreadsheet_may_begin_with_a_byte_order_mark_and_end_lines_as_windows_does(
    city, tmp_path
):
    path = tmp_path / "officials.csv"
    path.write_bytes(f"\ufeff{HEADER}\r\n{GAMBIR},Contoh Baru,2026-01-01,,false\r\n".encode())
    officials.load(path)
    assert holder(date(2026, 5, 14)) == "Contoh Baru"


GOOD = f"{GAMBIR},Contoh A,2020-01-01,2022-12-31,false"
OTHER = "kelurahan,31.71.01.1002,Lurah Cideng,Contoh A,2020-01-01,,false"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["rt,31.71.01.1001,Ketua RT,A,,,false"], ["line 3", "level 'rt'"]),
        ([GOOD, "kelurahan,31.71,Lurah,A,,,false"], ["line 4", "boundary_code '31.71'", "kelurahan"]),
        (
            [GOOD, "kota,31.71.01.1001,Wali Kota,A,,,false"],
            ["line 4", "boundary_code '31.71.01.1001'", "kota"],
        ),
        (["kelurahan,,Lurah,A,,,false"], ["line 3", "boundary_code ''"]),
        (["kelurahan,3171011001,Lurah,A,,,false"], ["line 3", "boundary_code '3171011001'"]),
        (["kelurahan,31.71.01.1001, ,A,,,false"], ["line 3", "title"]),
        ([f"{GAMBIR},A,14/05/2026,,false"], ["line 3", "from '14/05/2026'"]),
        ([f"{GAMBIR},A,,2026-02-30,false"], ["line 3", "to '2026-02-30'"]),
        ([f"{GAMBIR},A,20260101,,false"], ["line 3", "from '20260101'"]),
        ([f"{GAMBIR},A,2026-W01-1,,false"], ["line 3", "from '2026-W01-1'"]),
        ([f"{GAMBIR},A,2020-01-01,9999-12-31,false"], ["line 3", "to '9999-12-31'"]),
        ([f"{GAMBIR},A,2026-01-02,2026-01-01,false"], ["line 3", "from 2026-01-02", "to 2026-01-01"]),
        ([f"{GAMBIR},A,,,yes"], ["line 3", "acting 'yes'"]),
        ([f"{GAMBIR},A,,,TRUE"], ["line 3", "acting 'TRUE'"]),
        ([f"{GAMBIR},A,,"], ["line 3", "7 columns"]),
        ([f"{GAMBIR},A,,,false,more"], ["line 3", "7 columns"]),
        ([f"{GAMBIR},A\0B,,,false"], ["line 3", "official", r"'A\x00B'"]),
        ([f'{GAMBIR},"A\nB",,,false'], ["line 4", "official", r"'A\nB'"]),
        ([f'{GAMBIR},"A,,,false'], ["after line 2", "unexpected end"]),
        ([f"{GAMBIR},{'A' * 140_000},,,false"], ["after line 2", "field larger"]),
        (["", "", f"{GAMBIR},A,,,yes"], ["line 5", "acting 'yes'"]),
        ([f"{GAMBIR},,2026-01-01,,"], ["line 3", "from '2026-01-01'", "nobody"]),
        ([f"{GAMBIR}, ,,2026-01-01,false"], ["line 3", "to '2026-01-01'", "nobody"]),
        ([f"{GAMBIR},,,,true"], ["line 3", "acting 'true'", "nobody"]),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_nothing_changes(city, table, rows, words):
    before = state()
    with pytest.raises(BadOfficials) as refused:
        officials.load(table(OTHER, *rows))
    assert "officials.csv" in str(refused.value)
    assert [word for word in words if word not in str(refused.value)] == []
    assert state() == before


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2020-01-01,2022-12-31", "2022-12-31,"),
        ("2020-01-01,", "2024-01-01,2024-12-31"),
        (",", "2024-01-01,"),
        ("2020-01-01,2022-12-31", "2020-01-01,2022-12-31"),
    ],
)
def test_two_terms_of_one_office_that_overlap_are_refused_by_line_and_nothing_changes(
    city, table, first, second
):
    before = state()
    path = table(f"{GAMBIR},Contoh A,{first},false", f"{GAMBIR},Contoh B,{second},true")
    with pytest.raises(BadOfficials, match=r"officials.csv line 3: .*'Contoh B'.*'Lurah Gambir'.*overlaps"):
        officials.load(path)
    assert state() == before


def test_one_person_may_hold_two_offices_at_once(city, table):
    officials.load(
        table(f"{GAMBIR},Contoh A,2020-01-01,,false", "kecamatan,31.71.01,Camat,Contoh A,2020-01-01,,true")
    )
    assert Term.objects.filter(official__name="Contoh A").count() == 2


@pytest.mark.parametrize(
    "header",
    [
        "level,boundary_code,title,official,from,to",
        "Level,boundary_code,title,official,from,to,acting",
        HEADER.replace(",", ";"),
        "",
    ],
)
def test_another_header_is_refused_with_both_and_nothing_changes(city, table, header):
    before = state()
    with pytest.raises(BadOfficials, match=r"officials.csv: the header is .*expected .*'acting'"):
        officials.load(table(GOOD, header=header))
    assert state() == before


def test_a_missing_file_is_refused_by_its_path(city, tmp_path):
    with pytest.raises(BadOfficials, match=r"nowhere\.csv"):
        officials.load(tmp_path / "nowhere.csv")


def test_a_file_in_another_encoding_is_refused(city, tmp_path):
    path = tmp_path / "officials.csv"
    path.write_bytes(f"{HEADER}\n{GAMBIR},Contoh \xe9,,,false\n".encode("latin-1"))
    with pytest.raises(BadOfficials, match=r"officials.csv.*utf-8"):
        officials.load(path)


def test_offices_of_the_province_are_loaded_beside_the_territorial_ones(city, tmp_path):
    path = tmp_path / "dinas.csv"
    path.write_text(
        "level,boundary_code,title,official,from,to,acting\n"
        "provinsi,31,Gubernur,Contoh Gubernur,2020-01-01,,false\n"
        "provinsi,31.bina_marga,Dinas Bina Marga,Contoh Kepala,2020-01-01,,true\n",
        encoding="utf-8",
    )
    assert officials.load(path) == officials.Loaded(offices=2, officials=2, terms=2)
    codes = Office.objects.filter(level="provinsi").order_by("code").values_list("code", flat=True)
    assert list(codes) == ["provinsi-31", "provinsi-31.bina_marga"]
    assert Office.objects.filter(level__in=Level.values).count() == 317


@pytest.mark.parametrize("code", ["31.71", "31.Bina Marga", "31.", "dinas"])
def test_an_office_of_the_province_has_the_provinces_code_and_its_name(city, tmp_path, code):
    path = tmp_path / "dinas.csv"
    path.write_text(
        f"level,boundary_code,title,official,from,to,acting\nprovinsi,{code},Dinas,,,,\n", encoding="utf-8"
    )
    with pytest.raises(BadOfficials, match="is not that of a provinsi"):
        officials.load(path)
