"""From words to a place: accuracy, precision of what is placed without a person, texts a second."""

import argparse
import csv
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from boundaries import facts
from fixtures import tables, wording
from reports.gazetteer import Candidate, Gazetteer, names, place_of
from reports.gazetteer.names import lies_in
from reports.gazetteer.scores import THRESHOLD

LABELLED = Path(__file__).with_name("labelled_texts.csv")
HELD_OUT = 4  # every fourth row is never looked at while the scores are set
SIMULATED, SEED = 2_000, 20_170_101
THRESHOLDS = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


class Row(NamedTuple):
    """A text, the kelurahan that it surely means or else the area, and why it is hard."""

    text: str
    kelurahan_code: str
    area_code: str
    trap: str


class Figures(NamedTuple):
    """Shares: of the labelled (top1, top3), the placed (precision), those with a kelurahan (coverage)."""

    texts: int
    top1: float
    top3: float
    placed: int
    precision_placed: float
    coverage: float


def main() -> None:
    """Print the figures of both splits, by trap, by threshold, of the simulated city; last line JSON."""
    parser = argparse.ArgumentParser(prog="script/bench gazetteer", description=__doc__)
    parser.add_argument("--misses", action="store_true", help="show each tuning text that is not right")
    shows_misses = parser.parse_args().misses
    gazetteer = Gazetteer([*names.of_boundaries(boundaries()), *names.of_tables()])
    rows = labelled()
    splits = {
        "tuning (3 of 4 rows)": [row for at, row in enumerate(rows) if at % HELD_OUT != HELD_OUT - 1],
        "held out (every 4th)": rows[HELD_OUT - 1 :: HELD_OUT],
        "all labelled": rows,
        f"simulated, seed {SEED}": simulated(),
    }
    print(f"{'texts':24} {'n':>5} {'top1':>7} {'top3':>7} {'placed':>7} {'precision':>9} {'coverage':>9}")
    measured = {name: figures(gazetteer, split) for name, split in splits.items()}
    for name, one in measured.items():
        print_row(name, one)
    print("\nby trap, all labelled")
    for trap in sorted({row.trap for row in rows}):
        print_row(trap, figures(gazetteer, [row for row in rows if row.trap == trap]))
    print("\nby threshold, held out" + " " * 29 + "| all labelled")
    for threshold in THRESHOLDS:
        print_threshold(gazetteer, threshold, splits)
    if shows_misses:
        print_misses(gazetteer, splits["tuning (3 of 4 rows)"])
    speed = texts_per_s([row.text for row in [*rows, *splits[f"simulated, seed {SEED}"]]])
    print(f"\n{speed:,.0f} texts a second on one core, each seen for the first time\n")
    whole = measured["all labelled"]
    print(
        json.dumps(
            {
                "top1": round(whole.top1, 4),
                "top3": round(whole.top3, 4),
                "precision_placed": round(whole.precision_placed, 4),
                "texts_per_s": round(speed),
            }
        )
    )


def labelled() -> list[Row]:
    """The texts labelled by hand, in the order of the file."""
    with LABELLED.open(encoding="utf-8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file)]


def boundaries() -> Iterator[tuple[str, str, str]]:
    """Level, code and name of every boundary, as the shipped table of facts has them."""
    known = facts.read()
    for code, name in facts.parents(known).items():
        yield names.level_of(code), code, name
    for fact in known:
        yield names.KELURAHAN, fact.code, fact.name


def simulated() -> list[Row]:
    """Texts as the simulated city writes them, labelled by what they say, not by where they were sent."""
    draw = Random(SEED)
    categories = [category.code for category in tables.categories()]
    rows = []
    for _ in range(SIMULATED):
        home = draw.choice(tables.kelurahan())
        street = wording.street_of(draw, home.kota_code)
        text = wording.text(draw, draw.choice(categories), home, street)
        if home.name in text.replace(street, "").replace(f"arah {home.name}", ""):
            rows.append(Row(text, home.code, "", "simulated"))
        else:
            # "Jl. Pantai", the islands' streets, may be anywhere.
            said = street.removeprefix("Jl. ") in text and home.kota_code != "31.01"
            rows.append(Row(text, "", home.kota_code if said else "", "simulated"))
    return rows


def figures(gazetteer: Gazetteer, rows: Sequence[Row], threshold: float = THRESHOLD) -> Figures:
    """Measure one set of texts."""
    labels = first = among_three = placed = right = 0
    for row in rows:
        candidates = gazetteer.suggest(row.text)
        if row.kelurahan_code or row.area_code:
            labels += 1
            first += is_right(row, candidates[:1])
            among_three += is_right(row, candidates[:3])
        place = place_of(candidates, threshold)
        placed += place is not None
        right += place is not None and place.code == row.kelurahan_code
    with_kelurahan = sum(bool(row.kelurahan_code) for row in rows)
    return Figures(
        len(rows),
        first / (labels or 1),
        among_three / (labels or 1),
        placed,
        right / placed if placed else 1.0,
        right / (with_kelurahan or 1),
    )


def is_right(row: Row, candidates: Sequence[Candidate]) -> bool:
    """Say whether the label is among the candidates.

    A simulated text is drawn for a kota and tells no more by its street; a kecamatan of that kota, in which
    the street lies, is no mistake. The labels by hand must be met exactly.
    """
    if row.trap == "simulated" and row.area_code:
        return any(lies_in(one.code, row.area_code) for one in candidates)
    return any(one.code == (row.kelurahan_code or row.area_code) for one in candidates)


def texts_per_s(texts: Sequence[str]) -> float:
    """Read texts with a fresh gazetteer, so that nothing is remembered from the measuring before."""
    gazetteer = Gazetteer([*names.of_boundaries(boundaries()), *names.of_tables()])
    began = time.perf_counter()
    for text in texts:
        place_of(gazetteer.suggest(text))
    return len(texts) / (time.perf_counter() - began)


def print_row(name: str, one: Figures) -> None:
    """Print one line of a table."""
    print(
        f"{name:24} {one.texts:5} {one.top1:7.1%} {one.top3:7.1%} {one.placed:7} "
        f"{one.precision_placed:9.1%} {one.coverage:9.1%}"
    )


def print_threshold(gazetteer: Gazetteer, threshold: float, splits: dict[str, list[Row]]) -> None:
    """Print what one threshold would place, held out and in all."""
    shown = []
    for name in ("held out (every 4th)", "all labelled"):
        one = figures(gazetteer, splits[name], threshold)
        shown.append(
            f"placed {one.placed:4}  precision {one.precision_placed:6.1%}  coverage {one.coverage:6.1%}"
        )
    print(f"{threshold:5.2f}  {shown[0]} | {shown[1]}")


def print_misses(gazetteer: Gazetteer, rows: Sequence[Row]) -> None:
    """Show where the first candidate is not the label, or the place taken is wrong."""
    for row in rows:
        candidates = gazetteer.suggest(row.text)
        place = place_of(candidates)
        wrong = place is not None and place.code != row.kelurahan_code
        if wrong or ((row.kelurahan_code or row.area_code) and not is_right(row, candidates[:1])):
            found = ", ".join(f"{one.name} {one.code} {one.score}" for one in candidates[:3])
            print(f"{'PLACED WRONG ' if wrong else ''}{row.trap}: {row.text[:90]!r}: {found}")


if __name__ == "__main__":
    main()
