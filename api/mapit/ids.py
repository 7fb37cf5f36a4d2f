"""The number that MapIt's clients know a boundary by, made from its code and back; pure.

A FixMyStreet keeps the numbers of areas for years, in columns of 31 bits: so they are those of the code,
whichever edition or database they are asked of. ``31.71`` is 3171 and ``31.71.01`` is 317101. The digits of a
kelurahan would not fit: within its kecamatan they go from 1001 to 2999, so that 2,000 numbers are enough, and
``31.71.01.1001`` is 317101 x 2000 + 1.
"""

import re

CODE = re.compile(r"(\d\d)\.(\d\d)(?:\.(\d\d)(?:\.([12]\d{3}))?)?", re.ASCII)
SEVERAL = re.compile(r"\d+(?:,\d+)*", re.ASCII)
WITHIN = 2000  # kelurahan and desa of one kecamatan: 1001 to 1999 and 2001 to 2999
FIRST_KELURAHAN = 1000
MOST = (1 << 31) - 1


def number(code: str) -> int:
    """Return the number of a boundary."""
    kota, kecamatan, kelurahan = code[:5], code[6:8], code[9:]
    digits = int(kota.replace(".", "") + kecamatan)
    return digits * WITHIN + int(kelurahan) - FIRST_KELURAHAN if kelurahan else digits


def code(number: int) -> str | None:
    """Return the code that has a number, None where none can."""
    kelurahan = ""
    if number >= 100_000 * WITHIN:
        number, within = divmod(number, WITHIN)
        kelurahan = f"{within + FIRST_KELURAHAN:04}"
    digits = f"{number:04}"
    if len(digits) not in (4, 6) or (kelurahan and len(digits) != 6):
        return None
    parts = [digits[place : place + 2] for place in range(0, len(digits), 2)]
    made = ".".join([*parts, kelurahan] if kelurahan else parts)
    return made if CODE.fullmatch(made) else None
