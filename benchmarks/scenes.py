"""Photographs that nobody took: places, drawn from a seed, and what becomes of a picture of them."""

import io
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

SIZE = (960, 720)
WIDTH, HEIGHT = SIZE
Picture = Image.Image
Colour = tuple[int, int, int]


def scene(draw: random.Random, number: int) -> Picture:
    """Return one of six kinds of place in turn: none is like another, but of a kind they are alike."""
    return noisy(KINDS[number % len(KINDS)](draw), draw)


def street(draw: random.Random) -> Picture:
    """Return a street: sky, houses, a road, things on it."""
    picture = Image.new("RGB", SIZE, grey(draw, 150, 235))
    pen = ImageDraw.Draw(picture)
    horizon = draw.randint(HEIGHT // 4, HEIGHT // 2)
    left = 0
    while left < WIDTH:
        right = left + draw.randint(60, 260)
        pen.rectangle(
            (left, horizon - draw.randint(20, horizon - 10), right, HEIGHT), fill=grey(draw, 40, 220)
        )
        left = right
    vanish = draw.randint(WIDTH // 5, 4 * WIDTH // 5)
    pen.polygon([(vanish - 20, horizon), (vanish + 20, horizon), (WIDTH + draw.randint(-300, 300), HEIGHT),
                 (draw.randint(-300, 300), HEIGHT)], fill=grey(draw, 60, 130))  # fmt: skip
    _things(pen, draw, draw.randint(3, 12), horizon)
    return picture


def pothole(draw: random.Random) -> Picture:
    """Return asphalt from near by, with a hole: little but texture."""
    picture = _tinted(_texture(draw, 0.9), grey(draw, 30, 70), grey(draw, 110, 190))
    pen = ImageDraw.Draw(picture)
    x, y = draw.randint(100, 600), draw.randint(100, 450)
    pen.ellipse((x, y, x + draw.randint(120, 320), y + draw.randint(80, 240)), fill=grey(draw, 10, 60))
    return picture


def park(draw: random.Random) -> Picture:
    """Return trees before the sky, one of them fallen."""
    picture = _tinted(_texture(draw, 0.6), (20, draw.randint(50, 90), 20), (150, draw.randint(170, 230), 150))
    pen = ImageDraw.Draw(picture)
    for _ in range(draw.randint(2, 7)):
        x, lean = draw.randint(0, WIDTH), draw.randint(-200, 200)
        pen.line((x, HEIGHT, x + lean, draw.randint(0, 300)), fill=(60, 40, 25), width=draw.randint(10, 50))
    return picture


def flood(draw: random.Random) -> Picture:
    """Return water up to a line of houses, and what they mirror in it."""
    picture = street(draw)
    line = draw.randint(HEIGHT // 3, 2 * HEIGHT // 3)
    mirrored = ImageOps.flip(picture.crop((0, 0, WIDTH, line))).resize((WIDTH, HEIGHT - line))
    picture.paste(Image.blend(mirrored, Image.new("RGB", mirrored.size, (110, 90, 70)), 0.6), (0, line))
    return picture


def night(draw: random.Random) -> Picture:
    """Return a street by night: few lamps, and what they light."""
    picture = ImageEnhance.Brightness(street(draw)).enhance(0.25)
    pen = ImageDraw.Draw(picture)
    for _ in range(draw.randint(1, 6)):
        x, y, across = draw.randint(0, WIDTH), draw.randint(0, HEIGHT // 2), draw.randint(20, 90)
        pen.ellipse((x, y, x + across, y + across), fill=(255, 240, draw.randint(150, 220)))
    return picture.filter(ImageFilter.GaussianBlur(3))


def rubbish(draw: random.Random) -> Picture:
    """Return a heap of bags and boxes before a wall."""
    picture = _tinted(_texture(draw, 0.3), grey(draw, 90, 140), grey(draw, 150, 220))
    _things(ImageDraw.Draw(picture), draw, draw.randint(40, 120), HEIGHT // 2)
    return picture


KINDS: tuple[Callable[[random.Random], Picture], ...] = (street, pothole, park, flood, night, rubbish)


def repaired(picture: Picture, draw: random.Random) -> Picture:
    """Return the same place from a step aside in other light, the hole in the road filled."""
    after = picture.copy()
    pen = ImageDraw.Draw(after)
    x, y, across = draw.randint(200, 600), draw.randint(420, 560), draw.randint(160, 320)
    pen.ellipse((x, y, x + across, y + across // 2), fill=grey(draw, 30, 90))
    aside, nearer = draw.randint(40, 160), draw.uniform(0.8, 0.95)
    after = after.crop((aside, 20, aside + int((WIDTH - 160) * nearer), 20 + int((HEIGHT - 40) * nearer)))
    return noisy(ImageEnhance.Brightness(after.resize(SIZE)).enhance(draw.uniform(0.6, 1.4)), draw)


def grey(draw: random.Random, low: int, high: int) -> Colour:
    """Return a colour."""
    return draw.randint(low, high), draw.randint(low, high), draw.randint(low, high)


def noisy(picture: Picture, draw: random.Random) -> Picture:
    """Return a picture as a sensor sees it."""
    noise = np.random.default_rng(draw.randrange(1 << 30)).normal(0, 8, (HEIGHT, WIDTH, 3))
    return Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8))


def packed(picture: Picture, quality: int = 60, side: int = 0) -> Picture:
    """Return a picture as a messenger passes it on."""
    small = picture.resize((side, side * HEIGHT // WIDTH)) if side else picture
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer)


def stamped(picture: Picture) -> Picture:
    """Return a picture with the white bar and the text that camera apps put below it."""
    after = picture.copy()
    pen = ImageDraw.Draw(after)
    pen.rectangle((0, 650, 420, 720), fill="white")
    pen.text((10, 670), "14 Mei 2026 12:00 Gambir, Jakarta Pusat", fill="black")
    return after


def watermarked(picture: Picture) -> Picture:
    """Return a picture with a pale mark across the middle of it."""
    mark = Image.new("RGB", SIZE, "black")
    ImageDraw.Draw(mark).text((180, 300), "KELURAHAN", fill="white", font_size=110)
    lighter = Image.blend(picture.convert("RGB"), Image.new("RGB", SIZE, "white"), 0.35)
    return Image.composite(lighter, picture, mark.rotate(25).convert("L"))


def framed(picture: Picture) -> Picture:
    """Return a screenshot of a picture: black bars above and below it."""
    return ImageOps.expand(picture, border=(0, HEIGHT // 16), fill="black")


def cropped(picture: Picture, percent: int) -> Picture:
    """Return a picture without so much of its width and height."""
    share = percent / 200
    return picture.crop(
        (int(WIDTH * share), int(HEIGHT * share), int(WIDTH * (1 - share)), int(HEIGHT * (1 - share)))
    )


def turned(picture: Picture, degrees: int) -> Picture:
    """Return a picture that is not held straight."""
    return picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(128, 128, 128))


def _things(pen: ImageDraw.ImageDraw, draw: random.Random, count: int, horizon: int) -> None:
    for _ in range(count):
        x, y, across = draw.randint(0, WIDTH), draw.randint(horizon, HEIGHT), draw.randint(20, 200)
        pen.ellipse((x, y, x + across, y + across // 2), fill=grey(draw, 10, 245))


def _texture(draw: random.Random, fine: float) -> np.ndarray:
    """Return a surface of 0 to 1: waves of every length, the shorter ones so strong."""
    rng = np.random.default_rng(draw.randrange(1 << 30))
    whole = np.zeros((HEIGHT, WIDTH))
    for octave in range(2, 8):
        coarse = Image.fromarray(rng.random((3 << octave - 2, 4 << octave - 2)).astype(np.float32))
        whole += fine ** (octave - 2) * np.asarray(coarse.resize(SIZE, Image.Resampling.BICUBIC))
    return np.asarray((whole - whole.min()) / np.ptp(whole))


def _tinted(surface: np.ndarray, dark: Colour, light: Colour) -> Picture:
    low, high = np.array(dark), np.array(light)
    return Image.fromarray((low + surface[..., None] * (high - low)).clip(0, 255).astype(np.uint8))
