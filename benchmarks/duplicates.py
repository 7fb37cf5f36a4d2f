"""Reports on the same event: precision and recall of the candidates, pairs a second."""

import argparse
import csv
import json
import math
import os
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import django

NEEDS_DATABASE = True
LABELLED = Path(__file__).with_name("labelled_pairs.csv")
NOON = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
SEED, DAYS = 2016, 10
MONAS = (106.8272, -6.1754)
METRES_A_DEGREE = 111_320
LOOKS = 0x5A3C_96E1_0F78_2DB4  # a picture of something: half of its bits are set
LOWEST = 0.02
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
ROUNDS, RIDGE = 60, 0.3

Pair = tuple[int, int]


class Truth(NamedTuple):
    """Pairs of reports that tell of the same event, and those of which that is known to be so or not so."""

    same: frozenset[Pair]
    is_of_it: Callable[[Pair], bool]


class Figures(NamedTuple):
    """Candidates at a threshold: right ones, all, and the true pairs there are."""

    right: int
    found: int
    true: int

    @property
    def precision(self) -> float:
        """The share of the candidates that is right."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of the true pairs that is found."""
        return self.right / self.true if self.true else 1.0


def main() -> None:
    """Print precision and recall by threshold on both sets, their testing halves; last line JSON."""
    parser = argparse.ArgumentParser(prog="script/bench duplicates", description=__doc__)
    parser.add_argument(
        "--fit", action="store_true", help="fit the weights on the training halves, and show them"
    )
    parser.add_argument(
        "--misses", action="store_true", help="show the pairs by hand that are judged wrongly"
    )
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoplatform.settings")
    os.environ.setdefault("GEOPLATFORM_SECRET_KEY", "of a benchmark: nothing is kept")
    os.environ.setdefault("GEOPLATFORM_LOG_LEVEL", "WARNING")
    django.setup()
    from django.test.utils import setup_databases, teardown_databases

    databases = setup_databases(verbosity=0, interactive=False)
    try:
        measure(options.fit, options.misses)
    finally:
        teardown_databases(databases, verbosity=0)


def measure(fits: bool, shows_misses: bool) -> None:
    """Fill the database, look for duplicates, compare with what is known."""
    from django.db import connection

    from casework.duplicates import candidates
    from reports.models import Report

    _city()
    sets = _simulated()
    sets["by hand"] = by_hand = _by_hand()
    count = Report.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does on rows that come in the course of days
    began = time.perf_counter()
    searched = candidates.find(NOON - timedelta(days=4000), threshold=LOWEST)
    seconds = time.perf_counter() - began
    found = _candidates()
    true = sum(len(truth.same) for truth in sets.values()) - len(by_hand.same)
    print(
        f"{count:,} reports of {DAYS} days of the simulated city (seed {SEED}), "
        f"{true:,} pairs on the same event;\n"
        f"{_labelled_count()} pairs written by hand, {len(by_hand.same)} on the same event. "
        "One half is for fitting, this is the other.\n"
    )
    if fits:
        _print_weights(found, sets.values())
        return
    print(f"{'':>9}", *(f"| {name:<17}" for name in sets))
    print(f"{'threshold':>9}", *(f"| {'precision':>9} {'recall':>7}" for _ in sets))
    for threshold in THRESHOLDS:
        cells = [_figures(found, truth, threshold) for truth in sets.values()]
        mark = " *" if threshold == candidates.THRESHOLD else ""
        print(f"{threshold:>9}", *(f"| {one.precision:>9.3f} {one.recall:>7.3f}" for one in cells), mark)
    if shows_misses:
        _print_misses(found, by_hand, candidates.THRESHOLD)
    both = [_figures(found, truth, candidates.THRESHOLD) for truth in sets.values()]
    whole = Figures(*(sum(column) for column in zip(*both, strict=True)))
    print(
        f"\n* all: precision {whole.precision:.3f}, recall {whole.recall:.3f}; "
        f"{count / seconds:,.0f} reports, {searched.compared / seconds:,.0f} pairs a second\n"
    )
    print(
        json.dumps(
            {
                "precision": round(whole.precision, 4),
                "recall": round(whole.recall, 4),
                "pairs": whole.true,
                "pairs_per_s": round(searched.compared / seconds),
            }
        )
    )


def _city() -> None:
    """Load categories and boundaries: reports with a point have a kelurahan."""
    from boundaries import editions, load, source
    from reports import categories

    categories.load()
    found = source.find("schematic")
    editions.put_in_force(editions.store(found, load.build(found, []), sha256="").id, None)


def _simulated() -> dict[str, Truth]:
    """Store what the simulated city says on every channel; who says the same is known from its making."""
    from fixtures import channels
    from fixtures.city import world
    from fixtures.tables import column
    from layers.record import LonLat
    from reports.record import Submission

    city = world(NOON, days=DAYS, seed=SEED)
    said: list[Submission] = []
    event: dict[tuple[str, str], int] = {}
    for report in city.reports:
        where = LonLat(*report.point) if report.point else None
        words = f"{report.title}\n{report.text}"
        at = report.submitted_at
        said.append(
            Submission("qlue", str(report.number), report.category, words, at, at, where, report.citizen)
        )
        event["qlue", str(report.number)] = report.number
    for channel in column("channels", "channel"):
        if channel == "csv":
            continue  # a table of street lights, and not what citizens say
        for one in channels.said(city.reports, channel, NOON, SEED):
            where = LonLat(*one.point) if one.point else None
            at = one.submitted_at
            said.append(
                Submission(channel, str(one.number), one.category, one.text, at, at, where, one.citizen)
            )
            if one.same_as:
                event[channel, str(one.number)] = one.same_as
    ids = _store(said)
    groups: dict[int, list[int]] = {}
    for identity, number in event.items():
        groups.setdefault(number, []).append(ids[identity])
    same = frozenset(pair for group in groups.values() for pair in combinations(sorted(group), 2))
    mine = frozenset(ids.values())
    pointed = {submission_id for submission_id, has_point in _points(said, ids) if has_point}
    return {
        "city, two points": _among(same, lambda pair: mine.issuperset(pair) and pointed.issuperset(pair)),
        "city, words": _among(same, lambda pair: mine.issuperset(pair) and not pointed.issuperset(pair)),
    }


def _among(same: frozenset[Pair], is_of_it: Callable[[Pair], bool]) -> Truth:
    return Truth(frozenset(filter(is_of_it, same)), is_of_it)


def _points(said: Sequence[Any], ids: Mapping[tuple[str, str], int]) -> list[tuple[int, bool]]:
    return [(ids[one.channel, one.external_id], one.point is not None) for one in said]


def _by_hand() -> Truth:
    """Store the pairs of the table, each on a day of its own, at places far from one another."""
    from layers.record import LonLat
    from reports.record import Photo, Submission

    said: list[Submission] = []
    for number, row in enumerate(_labelled()):
        at = NOON - timedelta(days=30 + 9 * number)
        then = at + timedelta(minutes=float(row["minutes"]))
        lon, lat = MONAS[0], MONAS[1] - 0.01 * (number % 7)
        has_points = bool(row["distance_m"])
        step = float(row["distance_m"] or 0) / METRES_A_DEGREE
        author = f"warga {number}" if row["author"] == "same" else ""
        bits = row["photo_bits"]
        flipped = LOOKS ^ sum(1 << 9 * bit % 63 for bit in range(int(bits or 0)))
        for side, text, category, when, where, looks in (
            ("one", row["one"], row["one_category"], at, LonLat(lon, lat), LOOKS),
            ("other", row["other"], row["other_category"], then, LonLat(lon, lat + step), flipped),
        ):
            photo = Photo(b"", "image/jpeg", f"{number:062x}{'00' if side == 'one' else '01'}", looks)
            said.append(
                Submission(
                    "by_hand_" + side, str(number), category, text, when, when,
                    where if has_points or (side == "one" and number % 2) else None,
                    author, photos=(photo,) if bits else (),
                )
            )  # fmt: skip
    ids = _store(said)
    pairs = {
        (ids["by_hand_one", str(number)], ids["by_hand_other", str(number)]): row["same"] == "yes"
        for number, row in enumerate(_labelled())
    }
    ordered = {(min(pair), max(pair)): same for pair, same in pairs.items()}
    return Truth(frozenset(pair for pair, same in ordered.items() if same), lambda pair: pair in ordered)


def _labelled() -> list[dict[str, str]]:
    with LABELLED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _labelled_count() -> int:
    return len(_labelled())


def _store(said: Sequence[Any]) -> dict[tuple[str, str], int]:
    """Receive submissions in an order that says nothing; returns the id of each."""
    from reports import intake
    from reports.models import Report

    shuffled = random.Random(SEED).sample(said, len(said))
    for first in range(0, len(shuffled), 500):
        intake.receive(shuffled[first : first + 500], simulated=True)
    channels = {one.channel for one in said}
    rows = Report.objects.filter(channel__in=channels).values_list("channel", "external_id", "id")
    return {(channel, external_id): id for channel, external_id, id in rows}


def _candidates() -> dict[Pair, tuple[float, Mapping[str, Any]]]:
    """Return every candidate with its score and its parts."""
    from casework.models import DuplicateCandidate

    rows = DuplicateCandidate.objects.values_list("first", "second", "score", "parts")
    return {(first, second): (score, parts) for first, second, score, parts in rows}


def _is_tested(pair: Pair) -> bool:
    """Halve the pairs by a hash of their reports: no order of theirs shows in it."""
    return (pair[0] * 2_654_435_761 ^ pair[1] * 40_503) >> 7 & 1 == 1


def _figures(
    found: Mapping[Pair, tuple[float, Mapping[str, Any]]], truth: Truth, threshold: float
) -> Figures:
    """Count on the testing half."""
    known = [pair for pair, (score, _) in found.items() if score >= threshold and truth.is_of_it(pair)]
    tested = [pair for pair in known if _is_tested(pair)]
    right = sum(pair in truth.same for pair in tested)
    return Figures(right, len(tested), sum(map(_is_tested, truth.same)))


def _print_misses(
    found: Mapping[Pair, tuple[float, Mapping[str, Any]]], truth: Truth, threshold: float
) -> None:
    """Show the pairs by hand on which rule and label differ, those of the fitting half alone."""
    from reports.models import Report

    text = dict(Report.objects.filter(channel__startswith="by_hand").values_list("id", "description"))
    pairs = {pair for pair in combinations(sorted(text), 2) if truth.is_of_it(pair)}
    print()
    for pair in sorted(pairs):
        score, parts = found.get(pair, (0.0, {}))
        if (score >= threshold) != (pair in truth.same) and not _is_tested(pair):
            label = "same" if pair in truth.same else "not"
            print(f"{score:.2f} {label}: {text[pair[0]]} | {text[pair[1]]} {parts}")


def _print_weights(found: Mapping[Pair, tuple[float, Mapping[str, Any]]], truths: Iterable[Truth]) -> None:
    """Fit a logistic regression with a small ridge; both sets count the same."""
    from casework.duplicates.candidates import weights

    names = list(weights())
    rows: list[tuple[list[float], float, float]] = []
    for truth in truths:
        mine = [pair for pair in found if truth.is_of_it(pair) and not _is_tested(pair)]
        rows += [(_parts(found[pair][1], names), float(pair in truth.same), 1 / len(mine)) for pair in mine]
    for name, weight in zip(names, _fitted(rows, [weights()[name] for name in names]), strict=True):
        print(f"{name},{weight:.2f}")


def _parts(parts: Mapping[str, Any], names: Sequence[str]) -> list[float]:
    """Return the parts of a score as the statement weighs them."""
    from casework.duplicates import clues

    distance_m, bits = parts["distance_m"], parts["photo"]
    values = {
        "bias": 1.0,
        "near": 0.0 if distance_m is None else max(0.0, 1 - distance_m / clues.NEAR_M),
        "soon": max(0.0, 1 - parts["minutes"] * 60 / clues.EVENT_S),
        "no_point": float(distance_m is None),
        "category": float(parts["category"]),
        "text": float(parts["text"]),
        "said": float(parts["said"]),
        "kelurahan": float(parts["kelurahan"]),
        "photo": float(bits is not None and bits <= clues.LOOKS_ALIKE),
        "author": float(parts["author"]),
        "apart": float(distance_m is not None and distance_m > clues.NEAR_M),
    }
    return [values[name] for name in names]


def _fitted(rows: Sequence[tuple[list[float], float, float]], prior: Sequence[float]) -> list[float]:
    """Return the weights by Newton's method; the ridge pulls towards those that are in force."""
    import numpy as np

    features = np.array([row[0] for row in rows])
    labels, shares = np.array([row[1] for row in rows]), np.array([row[2] for row in rows]) * 200
    towards = np.array(prior)
    weights = towards.copy()
    for _ in range(ROUNDS):
        odds = 1 / (1 + np.exp(-features @ weights))
        slope = features.T @ (shares * (labels - odds)) - RIDGE * (weights - towards)
        curve = (features * (shares * odds * (1 - odds))[:, None]).T @ features + RIDGE * np.eye(len(towards))
        step = np.linalg.solve(curve, slope)
        weights += step
        if math.isclose(float(abs(step).max()), 0, abs_tol=1e-9):
            break
    return [float(weight) for weight in weights]


if __name__ == "__main__":
    main()
