"""Photos that were shown before: how far apart the hashes of alike pictures are, and what a look-up costs."""

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from PIL import ImageEnhance, ImageFilter, ImageOps

from benchmarks import scenes
from benchmarks.scenes import Picture
from benchmarks.scratch import database
from reports.pictures import looks

NEEDS_DATABASE = True
SEED = 2016
MOST_BITS = 12
REPAIR, OTHER = "after the repair", "of another place"
NOON = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)


def main() -> None:
    """Print the shares of each kind of pair that are alike at each threshold, then times; last line JSON."""
    parser = argparse.ArgumentParser(prog="script/bench proofs", description=__doc__)
    parser.add_argument("--scenes", type=int, default=300, help="pictures that are drawn; 300")
    parser.add_argument("--photos", type=int, default=185_852, help="photos that are known; a year's reports")
    parser.add_argument("--judged", type=int, default=1000, help="photos that are judged; 1000")
    parser.add_argument("--pictures-only", action="store_true", help="compare, and leave the database")
    options = parser.parse_args()
    draw = random.Random(SEED)
    places = [scenes.scene(draw, number) for number in range(options.scenes)]
    distances = measured(places, draw)
    show(distances)
    again = [bits for kind in AGAIN if kind not in BEYOND for bits in distances[kind]]
    after, other = distances[REPAIR], distances[OTHER]
    weigh(again, after, other)
    if options.pictures_only:
        return
    with database():
        once_ms = judged_ms([looks(one) for one in places], options.photos, options.judged, draw)
    print(f"\n{options.judged} photos judged among {options.photos:,}: {once_ms:.2f} ms each")
    print(json.dumps({
        "recall": round(share(again, 6), 3),
        "false_same_place": round(share(after, 6), 3),
        "false_other_place": round(share(other, 6), 5),
        "judge_ms": round(once_ms, 2),
    }))  # fmt: skip


def _lit(picture: Picture, by: float) -> Picture:
    return ImageEnhance.Brightness(picture).enhance(by)


# What may become of a picture that somebody shows a second time.
AGAIN: dict[str, Callable[[Picture], Picture]] = {
    **{
        f"again, packed at {quality}": partial(scenes.packed, quality=quality) for quality in (20, 40, 60, 80)
    },
    **{f"again, {side} pixels wide": partial(scenes.packed, side=side) for side in (160, 320, 640)},
    **{f"again, light by {by}": partial(_lit, by=by) for by in (0.6, 0.8, 1.2, 1.4)},
    "again, pale": lambda one: ImageEnhance.Contrast(one).enhance(0.6),
    "again, blurred": lambda one: one.filter(ImageFilter.GaussianBlur(4)),
    "again, stamped": scenes.stamped,
    "again, watermarked": scenes.watermarked,
    "again, framed": scenes.framed,
    **{f"again, cropped by {by} %": partial(scenes.cropped, percent=by) for by in (2, 4, 6, 8, 10)},
    **{f"again, turned by {by} degrees": partial(scenes.turned, degrees=by) for by in (1, 3)},
    "again, mirrored": ImageOps.mirror,
}
# A difference hash sees no mirror; nor is it meant to see what is hardly the same picture.
BEYOND = ("again, framed", "again, mirrored", "again, turned by 3 degrees", "again, cropped by 8 %",
          "again, cropped by 10 %")  # fmt: skip


def measured(places: Sequence[Picture], draw: random.Random) -> dict[str, list[int]]:
    """Return the distances in bits of each kind of pair."""
    hashes = [looks(one) for one in places]
    found = {
        kind: [apart(own, looks(change(one))) for own, one in zip(hashes, places, strict=True)]
        for kind, change in AGAIN.items()
    }
    found[REPAIR] = [
        apart(own, looks(scenes.repaired(one, draw))) for own, one in zip(hashes, places, strict=True)
    ]
    found[OTHER] = [apart(*pair) for pair in pairs(hashes)]
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


def weigh(again: Sequence[int], after: Sequence[int], other: Sequence[int]) -> None:
    """Print what each threshold finds, and how much of that is right, where one photo in twenty is re-used.

    The others are half honest repairs of a place that is compared with itself, half other places.
    """
    print(f"\n{'bits':>4}{'recall':>9}{'precision':>11}{'of a repair':>13}{'of another':>12}")
    for most in range(MOST_BITS + 1):
        found, wrong = share(again, most), (share(after, most) + share(other, most)) / 2
        right = 0.05 * found / (0.05 * found + 0.95 * wrong) if found else 0.0
        print(f"{most:>4}{found:>9.3f}{right:>11.3f}{share(after, most):>13.4f}{share(other, most):>12.6f}")


def judged_ms(hashes: Sequence[int], known: int, judged: int, draw: random.Random) -> float:
    """Return how long it takes to judge a photo among those of so many reports, each with one of its own."""
    from django.db import connection

    from casework.steps import proof, workflow

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
