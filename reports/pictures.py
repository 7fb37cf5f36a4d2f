"""Pictures: where one was taken, and the same picture without a byte that says so; pure."""

import hashlib
import io
import math
import struct
import warnings
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image

from geoplatform.errors import Rejected
from layers.record import LonLat
from reports.record import Photo

JAKARTA = ZoneInfo("Asia/Jakarta")
MOST, MOST_MEGAPIXELS = 10, 50
LONGEST_SIDE, SMALLEST_SIDE, QUALITY = 2048, 48, 85
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "AVIF", "HEIF")
ISO_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif"}
# All that Pillow raises over a picture that is broken, or that means harm.
BROKEN = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError,
          ZeroDivisionError, EOFError, MemoryError, struct.error, Image.DecompressionBombError)  # fmt: skip
TURNS = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_270,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_90,),
}


def is_picture(body: bytes) -> bool:
    """Say whether bytes are a picture of a kind that cameras make, by how they begin."""
    is_webp = body[:4] == b"RIFF" and body[8:12] == b"WEBP"
    return body.startswith(SIGNATURES) or is_webp or (body[4:8] == b"ftyp" and body[8:12] in ISO_BRANDS)


def read(body: bytes) -> tuple[Photo, LonLat | None]:
    """Return a picture made anew, and where its EXIF says that it was taken.

    When it was taken is said of the photo. What is kept is a JPEG of at most 2048 pixels a side, upright, and
    nothing but its pixels. Its digest is that of the picture as it was sent, so that another version of the
    encoder makes no second photo of it.

    Raises
    ------
    Rejected
        It is too large, too small, broken, or of a kind that cannot be read here.
    """
    try:
        # Pillow warns of large pictures; we look at the size ourselves, before a pixel is read.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(body), formats=_formats()) as picture:
                _refuse(picture)
                exif = _exif(picture)
                upright = _upright(picture, exif)
                buffer = io.BytesIO()
                upright.save(buffer, "JPEG", quality=QUALITY)
    except BROKEN as error:
        raise Rejected(f"a picture that cannot be read ({type(error).__name__})") from None
    digest, point = hashlib.sha256(body).hexdigest(), _position(exif)
    return Photo(buffer.getvalue(), "image/jpeg", digest, looks(upright), point, _time(exif)), point


def clean(body: bytes) -> Photo:
    """Return a picture made anew, known by what is kept of it, not by the original; raises as ``read``."""
    photo, _ = read(body)
    return replace(photo, digest=hashlib.sha256(photo.body).hexdigest(), point=None, taken_at=None)


def looks(picture: Image.Image) -> int:
    """Return the difference hash of a picture: 64 bits, as a signed number, near for alike ones."""
    small = picture.convert("L").resize((9, 8), Image.Resampling.BOX)
    grey = small.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            left = grey[row * 9 + column]
            bits = bits << 1 | (left > grey[row * 9 + column + 1])
    return bits - (1 << 64) if bits >> 63 else bits


def _formats() -> tuple[str, ...]:
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _refuse(picture: Image.Image) -> None:
    width, height = picture.size
    megapixels = width * height / 1e6
    if megapixels > MOST_MEGAPIXELS:
        raise Rejected(f"a picture of {megapixels:.0f} megapixels, more than {MOST_MEGAPIXELS}")
    if min(width, height) < SMALLEST_SIDE:
        raise Rejected(f"a picture of {width} x {height} pixels: a sign or a spy, no photo")


def _upright(picture: Image.Image, exif: dict[int, Any]) -> Image.Image:
    """Return the pixels alone, the right way up, over white where they are transparent."""
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    picture.load()
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    opaque = picture
    if picture.has_transparency_data:
        seen = picture.convert("RGBA")
        opaque = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)
    # A new one: what came with the old one, comments and all, stays with it.
    clean = Image.new("RGB", opaque.size)
    clean.paste(opaque.convert("RGB"))
    orientation = exif.get(ExifTags.Base.Orientation)
    for turn in TURNS.get(orientation, ()) if isinstance(orientation, int) else ():
        clean = clean.transpose(turn)
    return clean


def _exif(picture: Image.Image) -> dict[int, Any]:
    """Return the EXIF of a picture, its position below the tag GPSInfo; nothing where it is malformed."""
    try:
        exif = picture.getexif()
        gps, made = exif.get_ifd(ExifTags.IFD.GPSInfo), exif.get_ifd(ExifTags.IFD.Exif)
        return {**made, **exif, ExifTags.Base.GPSInfo: gps}
    except BROKEN:
        return {}


def _time(exif: dict[int, Any]) -> datetime | None:
    """Return when a picture was taken: by its camera's clock, with the zone that it says, else the city's.

    By the satellites' where there is none; that one may be the time of an earlier fix.
    """
    gps, tags = exif.get(ExifTags.Base.GPSInfo) or {}, ExifTags.GPS
    taken, zone = exif.get(ExifTags.Base.DateTimeOriginal), exif.get(ExifTags.Base.OffsetTimeOriginal)
    try:
        if taken:
            local = datetime.strptime(_words(taken), "%Y:%m:%d %H:%M:%S").replace(tzinfo=JAKARTA)
            if zone:
                local = datetime.strptime(f"{_words(taken)} {_words(zone)}", "%Y:%m:%d %H:%M:%S %z")
            return local.astimezone(UTC)
        hours, minutes, seconds = (int(part) for part in gps[tags.GPSTimeStamp])
        day = datetime.strptime(f"{_words(gps[tags.GPSDateStamp])} +00:00", "%Y:%m:%d %z")
        return day.replace(hour=hours, minute=minutes, second=seconds).astimezone(UTC)
    except BROKEN:
        return None


def _words(value: Any) -> str:
    text = value.decode("ascii") if isinstance(value, bytes) else str(value)
    return text.strip("\0 ")


def _position(exif: dict[int, Any]) -> LonLat | None:
    """Return where a picture was taken; without its hemispheres a position is none."""
    gps, tags = exif.get(ExifTags.Base.GPSInfo) or {}, ExifTags.GPS
    try:
        lat = _degrees(gps[tags.GPSLatitude], gps[tags.GPSLatitudeRef], "N", "S")
        lon = _degrees(gps[tags.GPSLongitude], gps[tags.GPSLongitudeRef], "E", "W")
    except BROKEN:
        return None
    if not (math.isfinite(lon) and math.isfinite(lat)) or abs(lon) > 180 or abs(lat) > 90:
        return None
    # What a phone without a fix writes.
    return LonLat(lon, lat) if (lon, lat) != (0, 0) else None


def _degrees(parts: Any, hemisphere: Any, positive: str, negative: str) -> float:
    if isinstance(hemisphere, bytes):
        hemisphere = hemisphere.decode("ascii")
    sign = {positive: 1, negative: -1}[hemisphere.strip("\0 ").upper()]
    degrees, minutes, seconds = (float(part) for part in parts)
    if not (0 <= minutes < 60 and 0 <= seconds < 60):
        raise ValueError("no minutes")
    return sign * (degrees + minutes / 60 + seconds / 3600)
