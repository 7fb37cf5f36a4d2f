"""Photos that were shown before: how far apart the hashes of alike pictures are, and what a look-up costs."""

import argparse
import io
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from benchmarks.scratch import database
from reports.pictures import looks

NEEDS_DATABASE = True
SEED, SIZE = 2016, (960, 720)
MOST_BITS = 12
NOON = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
Picture = Image.Image


def main() -> None:
    """Print the shares of each kind of pair that are alike at each threshold, then times; last line JSON."""
    parser = argparse.ArgumentParser(prog="script/bench proofs", description=__doc__)
    parser.add_argument("--scenes", type=int, default=300, help="pictures that are drawn; 300")
    parser.add_argument("--photos", type=int, default=185_852, help="photos that are known; a year's reports")
    parser.add_argument("--judged", type=int, default=1000, help="photos that are judged; 1000")
    options = parser.parse_args()
    draw = random.Random(SEED)
    scenes = [scene(draw) for _ in range(options.scenes)]
    distances = measured(scenes, draw)
    show(distances)
    with database():
        once_ms = judged_ms([looks(one) for one in scenes], options.photos, options.judged, draw)
    print(f"\n{options.judged} photos judged among {options.photos:,}: {once_ms:.2f} ms each")
    again = [bits for kind, of in distances.items() if kind.startswith("again") for bits in of]
    after, other = distances["after the repair"], distances["of another place"]
    print(json.dumps({
        "recall": round(share(again, 6), 3),
        "false_same_place": round(share(after, 6), 3),
        "false_other_place": round(share(other, 6), 5),
        "judge_ms": round(once_ms, 2),
    }))  # fmt: skip


def scene(draw: random.Random) -> Picture:
    """Return a street as a phone may see it: sky, houses, road, things on it, light, and noise."""
    width, height = SIZE
    picture = Image.new("RGB", SIZE, grey(draw, 150, 235))
    pen = ImageDraw.Draw(picture)
    horizon = draw.randint(height // 4, height // 2)
    left = 0
    while left < width:
        right = left + draw.randint(60, 260)
        pen.rectangle(
            (left, horizon - draw.randint(20, horizon - 10), right, height), fill=grey(draw, 40, 220)
        )
        left = right
    vanish = draw.randint(width // 5, 4 * width // 5)
    pen.polygon([(vanish - 20, horizon), (vanish + 20, horizon), (width + draw.randint(-300, 300), height),
                 (draw.randint(-300, 300), height)], fill=grey(draw, 60, 130))  # fmt: skip
    for _ in range(draw.randint(3, 12)):
        x, y, across = draw.randint(0, width), draw.randint(horizon, height), draw.randint(20, 200)
        pen.ellipse((x, y, x + across, y + across // 2), fill=grey(draw, 10, 245))
    return noisy(picture, draw)


def repaired(picture: Picture, draw: random.Random) -> Picture:
    """Return the same place from a step aside in other light, the hole in the road filled."""
    width, height = SIZE
    after = picture.copy()
    pen = ImageDraw.Draw(after)
    x, y, across = draw.randint(200, 600), draw.randint(420, 560), draw.randint(160, 320)
    pen.ellipse((x, y, x + across, y + across // 2), fill=grey(draw, 30, 90))
    aside, nearer = draw.randint(40, 160), draw.uniform(0.8, 0.95)
    after = after.crop((aside, 20, aside + int((width - 160) * nearer), 20 + int((height - 40) * nearer)))
    return noisy(ImageEnhance.Brightness(after.resize(SIZE)).enhance(draw.uniform(0.6, 1.4)), draw)


def grey(draw: random.Random, low: int, high: int) -> tuple[int, int, int]:
    """Return a colour."""
    return draw.randint(low, high), draw.randint(low, high), draw.randint(low, high)


def noisy(picture: Picture, draw: random.Random) -> Picture:
    """Return a picture as a sensor sees it."""
    noise = np.random.default_rng(draw.randrange(1 << 30)).normal(0, 8, (*SIZE[::-1], 3))
    return Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8))


def packed(picture: Picture, quality: int = 60, side: int = 0) -> Picture:
    """Return a picture as a messenger passes it on."""
    small = picture.resize((side, side * SIZE[1] // SIZE[0])) if side else picture
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


def cropped(picture: Picture, share: float) -> Picture:
    """Return a picture without a margin."""
    width, height = SIZE
    return picture.crop(
        (int(width * share), int(height * share), int(width * (1 - share)), int(height * (1 - share)))
    )


AGAIN: dict[str, Callable[[Picture], Picture]] = {
    "again, packed": lambda one: packed(one, 40),
    "again, small": lambda one: packed(one, 60, 320),
    "again, brighter": lambda one: ImageEnhance.Brightness(one).enhance(1.3),
    "again, blurred": lambda one: one.filter(ImageFilter.GaussianBlur(4)),
    "again, stamped": stamped,
    "again, cropped by 2 %": lambda one: cropped(one, 0.01),
    "again, cropped by 6 %": lambda one: cropped(one, 0.03),
    "again, turned by 1 degree": lambda one: one.rotate(
        1, Image.Resampling.BICUBIC, fillcolor=(128, 128, 128)
    ),
}


def measured(scenes: Sequence[Picture], draw: random.Random) -> dict[str, list[int]]:
    """Return the distances in bits of each kind of pair."""
    hashes = [looks(one) for one in scenes]
    found = {
        kind: [apart(own, looks(change(one))) for own, one in zip(hashes, scenes, strict=True)]
        for kind, change in AGAIN.items()
    }
    found["after the repair"] = [
        apart(own, looks(repaired(one, draw))) for own, one in zip(hashes, scenes, strict=True)
    ]
    found["of another place"] = [apart(*pair) for pair in pairs(hashes)]
    return found


def pairs(hashes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield every two of some hashes."""
    for number, one in enumerate(hashes):
        for other in hashes[number + 1 :]:
            yield one, other


def apart(one: int, other: int) -> int:
    """Return in how many of 64 bits two hashes differ."""
    return ((one ^ other) & (1 << 64) - 1).bit_count()


def share(distances: Sequence[int], most: int) -> float:
    """Return which share of distances is no greater."""
    return sum(bits <= most for bits in distances) / len(distances)


def show(distances: dict[str, list[int]]) -> None:
    """Print which share of each kind of pair is alike at each threshold."""
    thresholds = range(0, MOST_BITS + 1, 2)
    print(f"{'a picture of':<28}{'pairs':>8}" + "".join(f"{f'<= {most}':>9}" for most in thresholds))
    for kind, of in distances.items():
        print(f"{kind:<28}{len(of):>8}" + "".join(f"{share(of, most):>9.4f}" for most in thresholds))


def judged_ms(hashes: Sequence[int], known: int, judged: int, draw: random.Random) -> float:
    """Return how long it takes to judge a photo among those of so many reports, each with one of its own."""
    from django.db import connection

    from casework import proof, workflow

    workflow.load()
    proof.load()
    # As many others as there are photos, as unlike one another as the scenes are: bits of them are flipped.
    rows = [draw.choice(hashes) ^ flips(draw, 14) for _ in range(known)]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "INSERT INTO reports_report (channel, external_id, category_id, description, public_text,"
            " image_url, author_hash, submitted_at, updated_at, digest, simulated, received_at, status)"
            " SELECT 'qlue', number, 'road', '', '', '', '', %s, %s, '', true, %s, 'done'"
            " FROM generate_series(1, %s) AS number",
            [NOON, NOON, NOON, known],
        )
        with cursor.copy(
            "COPY reports_photo (channel, external_id, digest, media_type, looks) FROM STDIN"
        ) as copy:
            for number, bits in enumerate(rows, start=1):
                copy.write_row(("qlue", str(number), b"", "image/jpeg", signed(bits)))
        with cursor.copy(
            "COPY reports_photo (channel, external_id, digest, media_type, looks, step, shown_at) FROM STDIN"
        ) as copy:
            for number in range(1, judged + 1):
                bits = signed(draw.choice(hashes) ^ flips(draw, 14))
                copy.write_row(
                    ("qlue", str(number), b"", "image/jpeg", bits, b"1", NOON + timedelta(hours=2))
                )
        cursor.execute("INSERT INTO casework_case SELECT id, %s, 'resolved' FROM reports_report", [NOON])
        cursor.execute(
            "INSERT INTO casework_change (case_id, from_state_id, to_state_id, permission, by, at, text)"
            " SELECT id, 'collected', 'resolved', 'follow', 'feed:qlue', %s, '' FROM reports_report"
            " ORDER BY id LIMIT %s",
            [NOON, judged],
        )
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")
    begun = time.perf_counter()
    done = proof.judge(NOON + timedelta(hours=3))
    seconds = time.perf_counter() - begun
    print(f"\njudged {done.photos}, doubted {done.doubted}")
    return seconds * 1000 / judged


def flips(draw: random.Random, count: int) -> int:
    """Return a number of 64 bits with so many of them set."""
    return sum(1 << bit for bit in draw.sample(range(64), count))


def signed(bits: int) -> int:
    """Return 64 bits as PostgreSQL's bigint."""
    bits &= (1 << 64) - 1
    return bits - (1 << 64) if bits >> 63 else bits


if __name__ == "__main__":
    main()
