"""What the brief says, in Bahasa Indonesia: sentences of it, which HTML and PDF share."""

from collections.abc import Sequence
from datetime import date, datetime

from casework.board.figures import CITY
from casework.board.outcomes import Row
from casework.board.survival import Interval
from casework.brief.contents import Brief, Figure, Silent, lowest
from casework.brief.shaded_map import SHADES

MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
    "November", "Desember",
)  # fmt: skip
TITLE = "Laporan singkat untuk Gubernur"
SUBTITLE = "Tindak lanjut laporan warga: siapa yang tidak menjawab"
COLUMNS = ("Pejabat", "Sejak", "Tentang", "Yang sudah dicoba")
MAP_TITLE = "Di mana laporan tidak dijawab"
SPOTS_TITLE = "Terbanyak tidak dijawab, menurut kelurahan"
CHANGED_TITLE = "Berubah sejak pekan lalu"
BESIDE_TITLE = "Perlu diketahui"
NOBODY = "Tidak ada pejabat yang sama sekali tidak menjawab."
TIERS = {"kelurahan": "lurah", "kecamatan": "camat", "kota": "wali kota/bupati", "provinsi": "gubernur"}
FEW_NAMES = 4
LONG = "Tidak dijawab dalam 52 pekan"
LONG_MARK = "52 pekan"
CODE = "KODE"
LIST = "DAFTAR"


def day(on: date) -> str:
    """Return a day as it is written: 14 Mei 2026."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def moment(at: datetime) -> str:
    """Return an instant in the city's time: 14 Mei 2026 pukul 12.00 WIB."""
    here = at.astimezone(CITY)
    return f"{day(here.date())} pukul {here:%H.%M} WIB"


def number(count: int) -> str:
    """Return a number with the thousands set apart by points."""
    return f"{count:,}".replace(",", ".")


def percent(share: Interval | None) -> str:
    """Return an interval: 64-66 %; a dash where there is none."""
    return "-" if share is None else f"{100 * share.low:.0f}–{100 * share.high:.0f} %"


def heading(brief: Brief) -> str:
    """Return what the page covers."""
    return f"{day(brief.period.first)} – {day(brief.period.last)}, keadaan {moment(brief.at)}"


def value(figure: Figure) -> str:
    """Return a figure: a count, or where a share lies."""
    return number(figure.value) if figure.share is None else percent(figure.share)


def silent_title(brief: Brief, shown: int) -> str:
    """Return how many do not answer at all, and how many of them are shown."""
    in_all = len(brief.silent)
    of_all = "" if shown == in_all else f"; di sini {shown} yang terlama"
    return f"Tidak menjawab satu pun: {number(in_all)} pejabat{of_all}"


def spots(brief: Brief) -> list[str]:
    """Return where most went without an answer, with the cell behind each."""
    return [
        f"{at}. {spot.name}: {number(spot.turns)} (@{spot.code})"
        for at, spot in enumerate(brief.spots, start=1)
    ]


def legend(ranges: Sequence[tuple[int, int]]) -> list[tuple[str, str]]:
    """Return each colour of the map with what it stands for."""
    colours = SHADES[len(SHADES) - len(ranges) :]
    said = [f"{low}" if low == high else f"{low}–{high}" for low, high in ranges]
    return [(SHADES[0], "0"), *zip(colours, said, strict=True)]


def footer(brief: Brief) -> list[str]:
    """Return how the reports behind a figure are opened."""
    return [
        "Kode kecil di bawah setiap angka membuka laporan di baliknya:",
        f"{brief.command(CODE)}; bertanda {LONG_MARK}: --period {brief.long.text}",
        "Peta: KODE adalah all:all:unanswered@ dan kode kelurahan. "
        "Angka persen adalah selang kepercayaan 95 % (Wilson).",
        f"Nama dalam kurung adalah DAFTAR pejabat: {brief.listing(LIST)}",
    ]


def before(figure: Figure) -> str:
    """Return how a figure was a week before."""
    former = number(figure.before) if figure.share_before is None else percent(figure.share_before)
    return f"pekan lalu {former}"


def since(silent: Silent) -> str:
    """Return since when somebody has not answered."""
    return day(silent.since.astimezone(CITY).date()) if silent.since else "-"


def code(brief: Brief, silent: Silent) -> str:
    """Return the cell behind it, marked where it is of the long time."""
    return f"{silent.cell} · {LONG_MARK}" if silent.period == brief.long else str(silent.cell)


def about(silent: Silent) -> str:
    """Return what it is about: the three kinds that come most often."""
    said = [f"{name} ({number(turns)})" for name, turns in silent.about[:3]]
    rest = sum(turns for _, turns in silent.about[3:])
    return ", ".join([*said, *([f"lainnya ({number(rest)})"] if rest else [])]) or "-"


def tried(silent: Silent) -> str:
    """Return what was tried: how many climbed to whom, and what is known of the notices."""
    if not silent.rungs:
        return "belum ada eskalasi"
    rungs = [f"{TIERS[tier]} {number(turns)}" for (_, tier), turns in silent.rungs.items()]
    words = (("sent", "terkirim"), ("seen", "dibaca"), ("failed", "gagal"))
    known = [f"{number(silent.told[kind])} {word}" for kind, word in words if silent.told.get(kind)]
    return "; ".join(filter(None, ["eskalasi ke " + ", ".join(rungs), ", ".join(known)]))


def who(row: Row) -> str:
    """Return a post and who holds it; Plt. where acting."""
    name = f"Plt. {row.name}" if row.acting else row.name
    return f"{row.title}: {name}" if name else f"{row.title}: kosong"


def changed(brief: Brief) -> list[str]:
    """Return what changed since last week."""
    by_column = {figure.cell.column: figure for figure in brief.figures}
    share, unanswered = by_column["kept"], by_column["unanswered"]
    differs = "berbeda nyata" if brief.differs else "belum dapat dibedakan"
    newly = _titles([one.row for one in brief.newly_silent])
    return [
        f"Tepat waktu: {percent(share.share_before)} → {percent(share.share)} ({differs}).",
        f"Tidak dijawab: {number(unanswered.before)} → {number(unanswered.value)}.",
        f"Baru tidak menjawab sama sekali (newly_silent): {newly}.",
        f"Sudah menjawab lagi (answering_again): {_titles(brief.answering_again)}.",
    ]


def beside(brief: Brief) -> list[str]:
    """Return what one must know beside: nobody's fault, or another one."""
    lines = [f"{LONG} (all:all:unanswered · {LONG_MARK}): {number(brief.unanswered)}."]
    lines += [] if brief.unit is None else [unit(brief.unit)]
    if brief.few:
        officials, minimum = number(len(brief.few)), number(brief.minimum)
        lines.append(
            f"{officials} pejabat lain (few) juga belum menjawab, "
            f"dari kurang dari {minimum} yang jatuh tempo."
        )
    lines += [f"Meneruskan semua laporan (passes_on): {_titles(brief.passing_on)}."]
    lines += [f"Jabatan kosong (vacant): {_titles(brief.vacant)}."]
    for name, at in brief.silent_feeds[:FEW_NAMES]:
        lines.append(f"Kanal {name} diam sejak {moment(at)}: tidak ada data, bukan tidak ada laporan.")
    if len(brief.silent_feeds) > FEW_NAMES:
        lines.append(f"Kanal lain yang diam: {len(brief.silent_feeds) - FEW_NAMES}.")
    for tier, rows in brief.lowest.items():
        lines.append(
            f"{len(rows)} {TIERS[tier]} ({lowest(tier)}) pasti lebih jarang tepat waktu daripada kelompok di "
            "atasnya."
        )
    return lines


def unit(row: Row) -> str:
    """Return how the unit itself answered what was its own to answer."""
    due, kept, missed = (number(row.counts[column]) for column in ("due", "kept", "unanswered"))
    return f"Unit sendiri ({row.office}:all:due): {kept} dari {due} tepat waktu, {missed} tidak dijawab."


def _titles(rows: Sequence[Row]) -> str:
    names = list(dict.fromkeys(row.title for row in rows))
    if not names:
        return "tidak ada"
    more = [f"dan {len(names) - FEW_NAMES} lainnya"] if len(names) > FEW_NAMES else []
    return ", ".join([*names[:FEW_NAMES], *more])
