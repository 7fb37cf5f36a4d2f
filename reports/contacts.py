"""Phones, identity cards, e-mail addresses and social accounts in a citizen's words; pure.

Every quantifier is bounded, or repeats what can be read in one way only: a text of any length takes a time in
proportion to it.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import accumulate, takewhile

NAME, NUMBER, E_MAIL = "[nama]", "[nomor]", "[e-mail]"
# What is struck out already, and the mark of the simulated city, are never read again.
MARKER = r"\[(?:nama|nomor|e-mail|SIMULASI)\]"
# Accounts of the city and of the channels: they name no citizen.
OFFICIAL = frozenset(
    (
        "jakartagoid",
        "dkijakarta",
        "pemprovdki",
        "pemprovdkijakarta",
        "petajkt",
        "petabencana",
        "jakisuperapp",
        "qlue",
        "qluein",
        "wazeindo",
        "jsclab",
        "bpbdjakarta",
        "bpbd_jakarta",
        "dishubdkijakarta",
        "dinaslhdki",
        "dinas_sda",
        "dinasbinamarga",
        "humasjakfire",
        "satpolppdki",
        "tmcpoldametro",
        "divhumas_polri",
        "pln_123",
        "pamjaya_dki",
        "pt_transjakarta",
        "mrtjkt",
        "lrtjkt",
        "commuterline",
        "infobmkg",
    )
)

# What ``re.IGNORECASE`` takes for "i", "s" and "k", beside their capitals: Turkish i, long s, the kelvin.
ALIKE = str.maketrans("\u0130\u0131\u017f\u212a", "iisk")


def beside_markers(*patterns: str) -> tuple[re.Pattern[str], ...]:
    """Return patterns compiled for ``strike``: for letters of any size, and touching no marker."""
    return tuple(re.compile(rf"(?P<marker>{MARKER})|{pattern}", re.IGNORECASE) for pattern in patterns)


AT = r"(?:\s{0,2}@\s{0,2}|\s{0,2}[(\[{<]\s{0,2}(?:at|@)\s{0,2}[)\]}>]\s{0,2}|%40)"
DOT = r"(?:\.|\s{0,2}[(\[{<]\s{0,2}(?:dot|titik|\.)\s{0,2}[)\]}>]\s{0,2}|\s{1,2}(?:dot|titik)\s{1,2})"
BOX = r"[\w.+'’%&=-]"
LABEL = r"[^\W_][\w-]{0,62}"
TOP = r"(?:co|com|net|org|id|info|biz|me|go|ac|sch|web|example)\b"
ADDRESSES = beside_markers(
    # "@", "(at)" or "%40", then labels with dots or "dot" between; the last begins with a letter, for
    # "@ 5.000" is a price.
    rf"(?:\"[^\"\n]{{1,64}}\"|(?<!{BOX}){BOX}{{1,64}}?){AT}{LABEL}(?:{DOT}{LABEL}){{0,4}}{DOT}[^\W\d_][\w-]{{1,62}}",
    # The end of a run too long for an address, and a domain that somebody forgot to finish.
    rf"{BOX}{{1,64}}@(?!\d[\d.,]{{0,15}}(?!\w)){LABEL}(?:\.{LABEL}){{0,5}}(?:\s?\.\s?{TOP})?",
    # "budi at gmail dot com": words alone are an address only before a known ending.
    rf"(?<!{BOX}){BOX}{{2,64}}\s{{1,2}}(?:at|et)\s{{1,2}}{LABEL}(?:(?:\.|\s{{1,2}}(?:dot|titik)\s{{1,2}}){TOP}){{1,2}}",
)
ACCOUNT = r"(?=\w{0,28}[^\W\d])\w[\w.]{1,28}\w"
HANDLES = beside_markers(
    rf"@(?P<account>{ACCOUNT})",
    rf"(?<![a-z])(?:ig|insta|instagram|twitter|tiktok|telegram|fb|facebook)(?:\s(?:id|saya))?\s?[:=]\s?"
    rf"(?P<account>{ACCOUNT}(?-i:\s[A-Z]\w{{1,20}}){{0,2}})",
    rf"(?<![a-z])(?:instagram|facebook|twitter|tiktok|x|t)\.(?:com|me)/@?(?P<account>{ACCOUNT})",
)

FIGURES = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
# Superscripts and figures in circles are digits to a reader, though not to "\d".
FIGURE = r"[\d⁰¹²³⁴-⁹₀-₉①-⑨⓪]\uFE0F?\u20E3?"
SPELT_FIGURES = (*FIGURES, "kosong")
SPELT = rf"(?<![a-z])(?:{'|'.join(SPELT_FIGURES)})(?![a-z])"
DIGIT = rf"(?:{FIGURE}|{SPELT})"
GROUP = re.compile(rf"\+?(?:(?P<word>{SPELT})|(?:{FIGURE})+)", re.IGNORECASE)
GAP = r"().:\-\u2010-\u2015\u2212/_*~+•·"
KIND = r"(?P<kind>(?<![a-z])(?:rt|rw|rp|idr)[.\s]{0,2})?"
NUMBERS = beside_markers(
    # Eight digits or more, however they are grouped and whatever they stick to.
    rf"{KIND}(?P<run>\(?\+?{DIGIT}(?:(?:[^\S\n]|[{GAP}]){{0,5}}{DIGIT}){{7,}})",
    # Seven where a telephone is named.
    r"(?P<kind>(?<![a-z])(?:te?lp|telpon|telepon|tel|hp|wa|whatsapp|hub|hubungi|call|sms|kontak|fax|phone)[\s.:]{0,3}"
    rf"(?:(?:di|ke|saya|no|nomor)\b[\s.:]{{0,3}}){{0,2}})(?P<run>\(?{DIGIT}(?:(?:[^\S\n]|[{GAP}]){{0,5}}{DIGIT}){{6,}})",
)
# Commas, bars and new lines part most numbers from one another: over them only what has the form of an
# Indonesian telephone number or of an identity card is one.
(SPREAD,) = beside_markers(rf"(?P<kind>)(?P<run>\(?\+?{DIGIT}(?:[\s,;|{GAP}]{{0,5}}{DIGIT}){{7,}})")
# What every address, every account and every number has at least one of, or so many.
AT_SIGN = re.compile(r"@|%40|[aeAE][tT]\b(?<!\w..)")
HANDLE_SIGN = re.compile(r"[@:=/]")
ONE_FIGURE = re.compile(FIGURE)
SHORTEST_NUMBER = 7
PHONE = re.compile(r"(?:62|0)(?:8\d{8,11}|2[1-9]\d{6,8})")
LONGEST_PHONE, IDENTITY = 14, 16
# What eight digits and more may be without naming anyone, if nothing else follows: dates, hours, years ...
DAY, MONTH, YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19[5-9]\d|20[0-4]\d)"
CLOCK = r"(?:[01]?\d|2[0-4])[.:][0-5]\d"
DATED = rf"(?:{DAY}[-./]{MONTH}[-./]{YEAR}|{YEAR}[-./]{MONTH}[-./]{DAY}|{YEAR}\s?[-/–]\s?{YEAR}|{CLOCK})"
CALENDAR = re.compile(rf"\(?{DATED}(?:(?:\s?[-–/,;]\s?|\)?\s){DATED}){{0,7}}(?P<more>\s\d{{1,2}})?")
# ... money after "Rp", and the numbers of several RT.
MONEY = re.compile(r"[1-9]\d{0,2}(?:\.\d{3}){1,4}(?:\s?[-–]\s?[1-9]\d{0,2}(?:\.\d{3}){1,4})?|[1-9]\d{7,9}")
UNITS = re.compile(r"(?!08)\d{1,3}(?:\s?[-/.–]\s?\d{1,3}){1,11}")


def without_contacts(text: str) -> str:
    """Return the text with e-mail addresses, accounts of citizens and long numbers struck out."""
    # 19 of 20 texts of the simulated city hold no contact: to see it takes 6 us, to run all patterns 60 us.
    if AT_SIGN.search(text):
        for address in ADDRESSES:
            text = strike(address, text, lambda found: E_MAIL)
    if HANDLE_SIGN.search(text):
        for handle in HANDLES:
            text = strike(handle, text, _account)
    if _may_hold_number(text):
        text = strike(SPREAD, text, _spread)
        for number in NUMBERS:
            text = strike(number, text, _number)
    return text


def strike(pattern: re.Pattern[str], text: str, instead: Callable[[re.Match[str]], str]) -> str:
    """Put something else for each match of a pattern of ``beside_markers``, and leave the markers."""
    return pattern.sub(lambda found: found["marker"] or instead(found), text)


def small(text: str) -> str:
    """Return a text in small letters; what ``re.IGNORECASE`` takes for one of ASCII becomes that one."""
    return text.lower() if text.isascii() else text.translate(ALIKE).lower()


def _may_hold_number(text: str) -> bool:
    """Say whether a text has so many figures, or letters that may spell them, as the shortest number."""
    written, letters = len(ONE_FIGURE.findall(text)), small(text)
    return written + sum(map(letters.count, SPELT_FIGURES)) >= SHORTEST_NUMBER


def _account(found: re.Match[str]) -> str:
    account = found["account"]
    before, _, after = found[0].rpartition(account)
    return found[0] if account.casefold() in OFFICIAL else before + NAME + after


def _number(found: re.Match[str]) -> str:
    run, kind = found["run"], found["kind"] or ""
    plain = {"rp": MONEY, "idr": MONEY, "rt": UNITS, "rw": UNITS}.get(kind.strip(" .\t\n").casefold())
    if _is_calendar(run) or (plain and plain.fullmatch(run)):
        return found[0]
    groups = _groups(run)
    is_card = sum(len(digits) for _, digits in groups) == IDENTITY
    start = 0 if is_card else _telephone(groups, within=8) or 0
    return kind + _cut(run, groups, start)


def _spread(found: re.Match[str]) -> str:
    run = found["run"]
    if _is_calendar(run):
        return run
    groups = _groups(run)
    if len(groups[0][1]) >= 4 and sum(len(digits) for _, digits in groups) == IDENTITY:
        return NUMBER
    start = _telephone(groups, within=len(run))
    return run if start is None else _cut(run, groups, start)


def _cut(run: str, groups: Sequence[tuple[int, str]], start: int) -> str:
    """Strike a run out from a group on: the "03" of "RT 03 0812" stays, and a bracket that does not close."""
    if start <= groups[0][0]:
        start = int(run.startswith("(") and ")" not in run)
    return run[:start] + NUMBER


def _is_calendar(run: str) -> bool:
    found = CALENDAR.fullmatch(run)
    # "14-05-2026 2 mobil" is a date and a small number, "08-12-2034 56" may be a telephone.
    return found is not None and not (found["more"] and _telephone(_groups(run), within=1) == 0)


def _telephone(groups: Sequence[tuple[int, str]], within: int) -> int | None:
    """Return where whole groups make a telephone number, with fewer than so many digits before it."""
    before = 0
    whole = "".join(digits for _, digits in groups)
    for first, (start, digits) in enumerate(groups):
        if before >= within:
            return None
        # Most begin as none does: their groups need not be joined.
        if PHONE.match(whole, before) and _begin_with_one(groups[first : first + LONGEST_PHONE]):
            return start
        before += len(digits)
    return None


def _begin_with_one(groups: Sequence[tuple[int, str]]) -> bool:
    joined = accumulate(more for _, more in groups)
    return any(PHONE.fullmatch(number) for number in takewhile(_is_short, joined))


def _is_short(number: str) -> bool:
    return len(number) <= LONGEST_PHONE


def _groups(run: str) -> list[tuple[int, str]]:
    """Return the digits of a run, however they are written, group by group, and where each begins."""
    return [(found.start(), _digits(found)) for found in GROUP.finditer(run)]


def _digits(group: re.Match[str]) -> str:
    word = (group["word"] or "").casefold()
    if word:
        return str(FIGURES.index(word)) if word in FIGURES else "0"
    return "".join(str(unicodedata.digit(one, "")) for one in group[0])
