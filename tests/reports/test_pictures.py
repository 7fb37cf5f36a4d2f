"""Pictures lose every byte that says where and with what they were taken; the position is read first."""

import io
import struct

import pytest
from PIL import Image, ImageDraw

from fixtures.wire.email import position
from geoplatform.errors import Rejected
from layers.record import LonLat
from reports import pictures

MONAS = LonLat(106.827153, -6.175392)
SECRETS = (
    b"Exif",
    b"GPS",
    b"http://ns.adobe.com",
    b"xmp",
    b"Photoshop",
    b"8BIM",
    b"Kamera",
    b"rahasia",
    b"ICC_PROFILE",
)


def drawn(size=(640, 480), mode="RGB") -> Image.Image:
    """A picture whose left upper corner is red, so that it shows which way is up."""
    picture = Image.new(mode, size, "navy")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2, size[1] // 2), fill="red")
    return picture


def sent(picture=None, form="JPEG", gps=None, **more) -> bytes:
    """A picture as a phone sends it: with a maker, a comment, and a position where given."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0131] = "Kamera rahasia", "rahasia 1.0"
    if "orientation" in more:
        exif[0x0112] = more.pop("orientation")
    if gps is not None:
        exif[0x8825] = gps
    buffer = io.BytesIO()
    (picture or drawn()).save(buffer, form, exif=more.pop("exif", exif), **more)
    return buffer.getvalue()


def kept(body: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(pictures.read(body)[0].body))
    picture.load()
    return picture


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_position_is_read_to_the_sixth_decimal_and_not_one_byte_of_exif_stays(form):
    body = sent(form=form, gps=position(MONAS))
    photo, point = pictures.read(body)
    assert point == pytest.approx(MONAS, abs=1e-6)
    assert b"Kamera" in body
    assert [secret for secret in SECRETS if secret.lower() in photo.body.lower()] == []
    again = Image.open(io.BytesIO(photo.body))
    assert (
        again.format,
        dict(again.getexif()),
        again.info.keys() - {"jfif", "jfif_version", "jfif_unit", "jfif_density"},
    ) == ("JPEG", {}, set())


def test_comments_xmp_iptc_and_profiles_go_too():
    iptc = b"\xff\xed" + struct.pack(">H", 30) + b"Photoshop 3.0\x008BIM" + b"rahasia..."[:10]
    body = sent(comment=b"rahasia", xmp=b"http://ns.adobe.com/xap/1.0/ rahasia", icc_profile=b"rahasia" * 20)
    body = body[:2] + iptc + body[2:]
    assert b"8BIM" in body
    assert body.count(b"rahasia") > 20
    photo, _ = pictures.read(body)
    assert [secret for secret in SECRETS if secret.lower() in photo.body.lower()] == []


def test_what_stands_behind_the_end_of_a_picture_goes_too():
    photo, _ = pictures.read(sent() + b"rahasia" * 100)
    assert b"rahasia" not in photo.body


@pytest.mark.parametrize(
    ("lon", "lat"), [(106.8, -6.2), (106.8, 6.2), (-106.8, 6.2), (-0.000001, -89.9), (180, 90), (-180, -90)]
)
def test_the_hemisphere_counts(lon, lat):
    assert pictures.read(sent(gps=position((lon, lat))))[1] == pytest.approx((lon, lat), abs=1e-6)


GOOD = position(MONAS)


@pytest.mark.parametrize(
    "gps",
    [
        {}, {1: "S"}, {2: GOOD[2], 4: GOOD[4]}, {**GOOD, 1: "X"}, {**GOOD, 1: ""}, {**GOOD, 3: "N"},
        {**GOOD, 2: (200.0, 0.0, 0.0)}, {**GOOD, 2: (6.0, 75.0, 0.0)}, {**GOOD, 2: (6.0, 10.0)},
        {**GOOD, 2: 6.0}, {**GOOD, 4: (181.0, 0.0, 0.0)}, position((0, 0)),
    ],
    ids=["none", "half", "no hemisphere", "hemisphere X", "empty", "lon N", "200 degrees", "75 minutes",
         "two parts", "one number", "181 degrees", "zeros"],
)  # fmt: skip
def test_a_position_that_is_none_is_no_position_and_the_picture_is_kept(gps):
    photo, point = pictures.read(sent(gps=gps))
    assert point is None
    assert photo.body


def test_a_position_divided_by_zero_is_none():
    body = sent(gps=position(MONAS))
    at = (
        body.index(struct.pack(">II", 6, 1))
        if struct.pack(">II", 6, 1) in body
        else body.index(struct.pack("<II", 6, 1))
    )
    assert pictures.read(body[: at + 4] + bytes(4) + body[at + 8 :])[1] is None


@pytest.mark.parametrize("cut", range(6, 183, 3))
def test_malformed_exif_never_raises(cut):
    body = sent(gps=position(MONAS))
    start = body.index(b"Exif")
    broken = bytearray(body)
    broken[start + cut : start + cut + 4] = b"\xff\xff\xff\xff"
    photo, _ = pictures.read(bytes(broken))
    assert photo.media_type == "image/jpeg"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_the_right_way_up(orientation):
    turned = drawn((300, 200))
    for turn in pictures.TURNS.get(orientation, ()):
        turned = turned.transpose(INVERSE.get(turn, turn))
    picture = kept(sent(turned, orientation=orientation))
    assert picture.size == (300, 200)
    red, _, blue = picture.getpixel((10, 10))
    assert red > 200
    assert blue < 60
    assert all(picture.getpixel(corner)[2] > 90 for corner in [(290, 10), (10, 190), (290, 190)])


INVERSE = {
    Image.Transpose.ROTATE_90: Image.Transpose.ROTATE_270,
    Image.Transpose.ROTATE_270: Image.Transpose.ROTATE_90,
}


@pytest.mark.parametrize("orientation", [0, 9, 60_000])
def test_an_orientation_that_there_is_not_turns_nothing(orientation):
    body = sent(drawn((300, 200)), orientation=orientation)
    assert kept(body).size == (300, 200)


def test_a_large_picture_is_made_smaller_and_a_small_one_not_larger():
    assert kept(sent(drawn((4000, 1000)))).size == (2048, 512)
    assert kept(sent(drawn((300, 200)))).size == (300, 200)


def test_what_is_transparent_becomes_white():
    picture = Image.new("RGBA", (100, 100), (255, 0, 0, 0))
    assert min(kept(sent(picture, "PNG")).getpixel((50, 50))) > 250
    palette = Image.new("P", (100, 100), 0)
    palette.putpalette([255, 0, 0])
    assert min(kept(sent(palette, "PNG", transparency=0)).getpixel((50, 50))) > 250


@pytest.mark.parametrize("mode", ["L", "CMYK", "1", "I;16", "LA"])
def test_pictures_of_every_mode_become_colour(mode):
    form = "JPEG" if mode == "CMYK" else "PNG"
    assert kept(sent(Image.new(mode, (100, 100)), form)).mode == "RGB"


def test_a_decompression_bomb_is_refused_before_a_pixel_is_read():
    buffer = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(buffer, "PNG")
    with pytest.raises(Rejected, match=r"megapixels|DecompressionBomb"):
        pictures.read(buffer.getvalue())
    small = io.BytesIO()
    Image.new("1", (10_000, 5_001)).save(small, "PNG")
    with pytest.raises(Rejected, match="50 megapixels, more than 50"):
        pictures.read(small.getvalue())


def test_signs_and_spies_are_refused():
    with pytest.raises(Rejected, match="1 x 1"):
        pictures.read(sent(Image.new("RGB", (1, 1)), "PNG"))


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_broken_picture_is_a_rejection(share):
    body = sent()
    with pytest.raises(Rejected, match="cannot be read"):
        pictures.read(body[: int(share * len(body))])


def test_a_kind_that_pillow_cannot_read_is_a_rejection():
    heic = b"\0\0\0\x18ftypheic" + bytes(200)
    assert pictures.is_picture(heic)
    with pytest.raises(Rejected, match="cannot be read"):
        pictures.read(heic)


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF", "PPM"])
def test_other_kinds_are_no_pictures_of_a_camera(form):
    buffer = io.BytesIO()
    drawn().save(buffer, form)
    assert not pictures.is_picture(buffer.getvalue())
    with pytest.raises(Rejected):
        pictures.read(buffer.getvalue())


def test_a_picture_is_known_by_the_bytes_that_were_sent():
    body = sent()
    first, second = pictures.read(body)[0], pictures.read(body)[0]
    assert first == second
    assert pictures.read(sent(gps=position(MONAS)))[0].digest != first.digest


def test_alike_pictures_look_alike_and_others_do_not():
    def distance(left: int, right: int) -> int:
        return ((left ^ right) & (2**64 - 1)).bit_count()

    scene = Image.radial_gradient("L").resize((640, 480)).convert("RGB")
    ImageDraw.Draw(scene).ellipse((60, 40, 200, 180), fill="yellow")
    other = Image.linear_gradient("L").resize((640, 480)).convert("RGB")
    looks = [
        pictures.read(sent(picture, **more))[0].looks
        for picture, more in [(scene, {}), (scene.resize((320, 240)), {"quality": 40}), (other, {})]
    ]
    assert all(-(2**63) <= one < 2**63 for one in looks)
    assert distance(looks[0], looks[1]) <= 6
    assert distance(looks[0], looks[2]) >= 16


GPS_TIME = {7: (5.0, 30.0, 12.0), 29: "2026:05:14"}


@pytest.mark.parametrize(
    ("tags", "gps", "taken_at"),
    [
        ({0x9003: "2026:05:14 12:30:12"}, {}, "2026-05-14T05:30:12+00:00"),
        ({0x9003: "2026:05:14 12:30:12", 0x9011: "+09:00"}, {}, "2026-05-14T03:30:12+00:00"),
        ({0x9003: "2026:05:14 12:30:12"}, {**GPS_TIME, 7: (1.0, 0.0, 0.0)}, "2026-05-14T05:30:12+00:00"),
        ({}, GPS_TIME, "2026-05-14T05:30:12+00:00"),
        ({}, {7: (5.0, 30.0, 12.0)}, None),
        ({0x9003: "0000:00:00 00:00:00"}, {}, None),
        ({0x9003: "kemarin"}, {}, None),
        ({0x9003: "2026:05:14 12:30:12", 0x9011: "WIB"}, {}, None),
    ],
)
def test_when_a_picture_was_taken_is_said_by_its_camera_then_by_the_satellites(tags, gps, taken_at):
    exif = Image.Exif()
    exif.get_ifd(0x8769).update(tags)
    if gps:
        exif[0x8825] = gps
    photo, _ = pictures.read(sent(exif=exif))
    assert (photo.taken_at and photo.taken_at.isoformat()) == taken_at
