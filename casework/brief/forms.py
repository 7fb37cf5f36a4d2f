"""The brief as HTML, as a table, and kept on disk: made by schedule, and forgotten after a while."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from boundaries.lookup import city_day
from casework.board import spreadsheet
from casework.board.cells import Cell
from casework.board.figures import CITY
from casework.board.survival import Interval
from casework.brief import contents, sentences, shaded_map
from casework.brief.contents import Brief, Figure, Silent, written
from geoplatform.errors import BadSettings, NotFound

FORMS = ("html", "pdf", "csv")
KINDS = ("daily", "weekly")
HEADER = (
    "section",
    "item",
    "office",
    "official",
    "name",
    "figure",
    "value",
    "low",
    "high",
    "before",
    "command",
)
MAP_WIDTH = 300
MORNING, MONDAY = time(6), 0
NAMED = re.compile(r"(\d{4}-\d\d-\d\d)-(daily|weekly)\.(html|pdf|csv)", re.ASCII)
Line = tuple[object, ...]


def made(told: Brief, form: str) -> bytes:
    """Return the brief in a form; the same brief gives the same bytes.

    Raises
    ------
    NotFound
        There is no such form.
    """
    if form not in FORMS:
        raise NotFound(f"no form {form!r}: {', '.join(FORMS)}")
    if form == "pdf":
        # 0.4 s of reportlab, which whoever makes no PDF need not pay.
        from casework.brief import pdf

        return pdf.pdf(told)
    return (html(told) if form == "html" else csv(told)).encode()


def html(told: Brief) -> str:
    """Return the page as HTML: nothing in it is fetched from elsewhere."""
    return render_to_string("casework/brief.html", shown(told))


def shown(told: Brief) -> Mapping[str, Any]:
    """Return what the template of the page, or of its body alone, shows of a brief."""
    marks = {spot.code: str(number) for number, spot in enumerate(told.spots, start=1)}
    # Our own numbers and names alone: names of kelurahan do not stand in it.
    drawn = mark_safe(shaded_map.svg(told.shapes, told.by_kelurahan, marks, MAP_WIDTH))  # noqa: S308
    return {
        "words": sentences,
        "heading": sentences.heading(told),
        "figures": [_figure(one) for one in told.figures],
        "silent": [_silent(told, one) for one in told.shown],
        "map": drawn,
        "legend": sentences.legend(shaded_map.steps(told.by_kelurahan)),
        "spots": sentences.spots(told),
        "silent_title": sentences.silent_title(told, len(told.shown)),
        "footer": sentences.footer(told),
        "changed": sentences.changed(told),
        "beside": sentences.beside(told),
    }


def csv(told: Brief) -> str:
    """Return all figures as a table; each line has the command that opens the reports behind it."""
    return spreadsheet.text(HEADER, _lines(told))


def keep(told: Brief, kind: str) -> list[Path]:
    """Write a scheduled brief in all forms into the folder of briefs, and forget those that are too old."""
    settings.BRIEFS.mkdir(parents=True, exist_ok=True)
    paths = []
    for form in FORMS:
        path = settings.BRIEFS / f"{city_day(told.at)}-{kind}.{form}"
        draft = path.with_suffix(f".{form}.part")
        draft.write_bytes(made(told, form))
        paths.append(draft.rename(path))
    forget(city_day(told.at))
    return paths


def scheduled(now: datetime) -> list[Path]:
    """Write the briefs that are due on the morning of a day, as of six o'clock; returns what was written.

    What is there in all forms already stays as it is: this is asked again for what broke off.

    Raises
    ------
    BadSettings
        The setting names another kind than daily and weekly.
    """
    day = city_day(now)
    due = [kind for kind in kinds(day) if not {f"{day}-{kind}.{form}" for form in FORMS} <= {*kept()}]
    if not due:
        return []
    made_of = contents.make(datetime.combine(day, MORNING, CITY))
    return [path for kind in due for path in keep(made_of, kind)]


def kinds(on: date) -> list[str]:
    """Return which briefs are due on a day: the weekly one on a Monday."""
    if unknown := set(settings.BRIEF) - set(KINDS):
        raise BadSettings(f"GEOPLATFORM_BRIEF: {sorted(unknown)[0]!r} is neither daily nor weekly")
    return [kind for kind in settings.BRIEF if kind == "daily" or on.weekday() == MONDAY]


def kept() -> list[str]:
    """Return the names of the briefs on disk, the newest first."""
    if not settings.BRIEFS.is_dir():
        return []
    return sorted(
        (path.name for path in settings.BRIEFS.iterdir() if NAMED.fullmatch(path.name)), reverse=True
    )


def read(name: str) -> bytes:
    """Return a brief that was kept.

    Raises
    ------
    NotFound
        None has that name.
    """
    if name not in kept():
        raise NotFound(f"no brief {name!r}")
    return bytes((settings.BRIEFS / name).read_bytes())


def forget(today: date) -> None:
    """Remove the briefs that are older than they are kept."""
    for path in settings.BRIEFS.iterdir():
        named = NAMED.fullmatch(path.name)
        if named and today - date.fromisoformat(named[1]) >= timedelta(days=settings.BRIEF_DAYS):
            path.unlink(missing_ok=True)


def _figure(figure: Figure) -> Mapping[str, str]:
    return {
        "label": figure.label,
        "value": sentences.value(figure),
        "before": sentences.before(figure),
        "cell": str(figure.cell),
    }


def _silent(told: Brief, one: Silent) -> Mapping[str, str | bool]:
    return {
        "who": sentences.who(one.row),
        "cell": str(one.cell),
        "is_long": one.period == told.long,
        "since": sentences.since(one),
        "about": sentences.about(one),
        "tried": sentences.tried(one),
    }


def _lines(told: Brief) -> Iterator[Line]:
    for figure in told.figures:
        low, high = _ends(figure.share)
        yield (
            "total", figure.label, "", "", "", figure.cell.column, figure.value, low, high, figure.before,
            told.command(figure.cell),
        )  # fmt: skip
    cell = Cell("all", None, "unanswered")
    yield (
        "long", sentences.LONG, "", "", "", cell.column, told.unanswered, "", "", "",
        told.command(cell, told.long),
    )  # fmt: skip
    for one in told.silent:
        yield from _lines_of(told, one)
    for number, spot in enumerate(told.spots, start=1):
        yield (
            "hot_spot", number, "", "", spot.name, "unanswered", spot.turns, "", "", "",
            told.command(spot.cell),
        )  # fmt: skip
    yield from _lines_beside(told)


def _lines_of(told: Brief, one: Silent) -> Iterator[Line]:
    """Yield what is known of somebody who is silent: the same turns lie behind each figure of it."""
    row, command = one.row, told.command(one.cell, one.period)
    known: list[tuple[str, object]] = [
        ("unanswered", row.counts["unanswered"]),
        ("since", written(one.since) if one.since else ""),
        *((f"about: {name}", turns) for name, turns in one.about),
        *((f"rung {number} {tier}", turns) for (number, tier), turns in one.rungs.items()),
        *((f"notices {kind}", one.told[kind]) for kind in sorted(one.told)),
    ]
    for figure, value in known:
        yield "silent", row.title, row.office, row.official, row.name, figure, value, "", "", "", command


def _lines_beside(told: Brief) -> Iterator[Line]:
    if told.unit:
        for column in ("due", "kept", "unanswered"):
            yield (
                "unit", told.unit.title, told.unit.office, "", "", column, told.unit.counts[column], "", "",
                "", told.command(told.unit.cell(column)),
            )  # fmt: skip
    for name, listed in told.lists.items():
        yield (
            "list", name, "", "", "", "officials", len(listed), "", "", "", told.listing(name),
        )  # fmt: skip
        for one in listed:
            row = one.row
            yield (
                name, row.title, row.office, row.official or "", row.name, one.column, row.counts[one.column],
                *_ends(row.share), "", told.command(one.cell, one.period),
            )  # fmt: skip
    command = f"manage.py feeds --silent {written(told.at)}"
    for name, since in told.silent_feeds:
        yield "silent_feed", name, "", "", "", "since", written(since), "", "", "", command


def _ends(share: Interval | None) -> tuple[str, str]:
    return ("", "") if share is None else (f"{share.low:.4f}", f"{share.high:.4f}")
