import pytest

from reports.privacy import public_text, without_author


@pytest.mark.parametrize(
    "number",
    [
        "081234567890", "0812-3456-7890", "+62 812 3456 7890", "62812.3456.7890", "(021) 3456789",
        "(021) 345-6789", "021 3456 7890", "3171234567890001", "0812 - 3456 - 7890",
    ],
)  # fmt: skip
def test_phones_and_identity_numbers_are_struck_out_however_they_are_grouped(number):
    assert public_text(f"Hubungi {number} segera", "") == "Hubungi [nomor] segera"


@pytest.mark.parametrize(
    "number", ["Jl. Raya 123", "RT 03/RW 05", "tanggal 14-05-2026", "No. 12A", "2 jam 30 menit"]
)
def test_house_numbers_and_dates_stay(number):
    assert public_text(number, "") == number


@pytest.mark.parametrize(
    "address", ["arif.contoh@example.com", "a_b+c@mail.example.co.id", "x@jakarta.go.id"]
)
def test_e_mail_addresses_are_struck_out(address):
    assert public_text(f"kirim ke {address}.", "") == "kirim ke [e-mail]."


@pytest.mark.parametrize(
    ("text", "author", "public"),
    [
        ("Salam, Arif Contoh", "Arif Contoh", "Salam, [nama]"),
        ("ARIF  CONTOH melapor", "arif_contoh11", "[nama] melapor"),
        ("dari arif_contoh11", "arif_contoh11", "dari [nama]"),
        ("nama saya Arif, di sini", "Arif Contoh", "nama saya [nama], di sini"),
        ("a.n. Contoh", "Arif Contoh", "a.n. [nama]"),
        ("Lubang di Jl. Melati", "Melati Contoh", "Lubang di Jl. Melati"),
        ("Lubang di Jl. Melati", "", "Lubang di Jl. Melati"),
        ("Arif Contohan lain orang", "Arif Contoh", "Arif Contohan lain orang"),
        ("tanda (.*) tetap", "(.*)", "tanda (.*) tetap"),
    ],
)
def test_the_author_is_struck_out_where_named(text, author, public):
    assert public_text(text, author) == public


def test_a_text_without_any_of_it_stays_to_the_letter():
    text = "Banjir 🌊 setinggi 40 cm\ndi depan pasar, فيضان"
    assert public_text(text, "Arif Contoh") == text


@pytest.mark.parametrize(
    "number",
    [
        "wa081298765432",
        "0812–9876–5432",
        "0812/9876/5432",
        "0812_9876_5432",
        "12-34-5678 9012",
        "08-12-9876 5432",
    ],
)  # fmt: skip
def test_phones_do_not_hide_behind_letters_strokes_and_dates(number):
    public = public_text(f"hubungi {number}", "")
    assert not any(part in public for part in ("9876", "5432", "5678", "9012"))


def test_dates_stay_also_with_a_time():
    assert (
        public_text("pada 14-05-2026 16.30 dan 2026-05-14, 7.00", "")
        == "pada 14-05-2026 16.30 dan 2026-05-14, 7.00"
    )


@pytest.mark.parametrize(
    ("note", "public"),
    [
        ("Sudah kami hubungi Arif Contoh, terima kasih", "Sudah kami hubungi [nama], terima kasih"),
        ("(Arif Contoh) dan Arif Contoh", "([nama]) dan [nama]"),
        ("Arif lain", "Arif lain"),
        ("", ""),
    ],
)
def test_an_author_of_whom_only_a_test_is_left_is_struck_out_of_a_note(note, public):
    assert without_author(note, lambda name: name == "Arif Contoh") == public
