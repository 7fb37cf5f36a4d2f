"""The brief as PDF: one page A4, the same bytes for the same brief, nothing on it fetched from elsewhere."""

import io
import unicodedata
from collections.abc import Sequence
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, Table, TableStyle

from casework.brief import sentences, shaded_map
from casework.brief.contents import Brief
from casework.brief.shaded_map import Frame

WIDTH, HEIGHT = (float(side) for side in A4)
MARGIN, GAP = 34.0, 10.0
INNER = WIDTH - 2 * MARGIN
MAP_WIDTH, MAP_HEIGHT = 232.0, 228.0
# What stands below the table: title, map, legend and footer.
BELOW = MAP_HEIGHT + 100
INK, ACCENT, PALE, FAINT = HexColor("#17262f"), HexColor("#0b5c7a"), HexColor("#eef3f5"), HexColor("#5b6870")
PLAIN = ParagraphStyle("plain", fontName="Helvetica", fontSize=8, leading=9.8, textColor=INK)
SMALL = ParagraphStyle("small", PLAIN, fontSize=5.6, leading=6.6, textColor=FAINT)
HEAD = ParagraphStyle("head", PLAIN, fontName="Helvetica-Bold", textColor=HexColor("#ffffff"))
BIG = ParagraphStyle("big", PLAIN, fontName="Helvetica-Bold", fontSize=15, leading=18)
TITLE = ParagraphStyle("title", PLAIN, fontName="Helvetica-Bold", fontSize=10, leading=12, textColor=ACCENT)
COLUMNS = (128.0, 62.0, 132.0, INNER - 322.0)


def pdf(brief: Brief) -> bytes:
    """Return the page."""
    out = io.BytesIO()
    # Invariant: neither the time of making nor a random number stands in it.
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1, lang="id")
    canvas.setTitle(_plain(sentences.TITLE))
    canvas.setSubject(_plain(sentences.heading(brief)))
    canvas.setAuthor("Geoplatform")
    y = _heading(canvas, brief)
    y = _figures(canvas, brief, y)
    y = _silent(canvas, brief, y)
    _below(canvas, brief, y)
    _footer(canvas, brief)
    canvas.save()
    return out.getvalue()


def _heading(canvas: Canvas, brief: Brief) -> float:
    """Draw the band at the top; returns how high the next part begins, in points from below."""
    canvas.setFillColor(ACCENT)
    canvas.rect(0, HEIGHT - 62, WIDTH, 62, stroke=0, fill=1)
    canvas.setFillColor(HexColor("#ffffff"))
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(MARGIN, HEIGHT - 28, _plain(sentences.TITLE))
    canvas.setFont("Helvetica", 9)
    canvas.drawString(MARGIN, HEIGHT - 42, _plain(sentences.SUBTITLE))
    canvas.drawString(MARGIN, HEIGHT - 54, _plain(sentences.heading(brief)))
    return HEIGHT - 62 - GAP


def _figures(canvas: Canvas, brief: Brief, y: float) -> float:
    cells = [
        [
            _text(figure.label, PLAIN),
            _text(sentences.value(figure), BIG),
            _text(sentences.before(figure), PLAIN),
            _text(str(figure.cell), SMALL),
        ]
        for figure in brief.figures
    ]
    table = Table([cells], colWidths=[INNER / len(cells)] * len(cells))
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, -1), PALE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEAFTER", (0, 0), (-2, -1), 3, HexColor("#ffffff")),
            ]
        )
    )
    return _drawn(canvas, table, MARGIN, y, INNER) - GAP


def _silent(canvas: Canvas, brief: Brief, y: float) -> float:
    """Draw the table of those who are silent, as many as leave room for what stands below."""
    if not brief.shown:
        y = _title(canvas, sentences.silent_title(brief, 0), MARGIN, y)
        return _drawn(canvas, _text(sentences.NOBODY, PLAIN), MARGIN, y, INNER) - GAP
    shown = len(brief.shown)
    while shown > 1 and y - _table(brief, shown).wrapOn(canvas, INNER, y)[1] < BELOW:
        shown -= 1
    y = _title(canvas, sentences.silent_title(brief, shown), MARGIN, y)
    return _drawn(canvas, _table(brief, shown), MARGIN, y, INNER) - GAP


def _table(brief: Brief, shown: int) -> Table:
    rows: list[list[object]] = [[_text(word, HEAD) for word in sentences.COLUMNS]]
    for one in brief.shown[:shown]:
        rows.append(
            [
                [_text(sentences.who(one.row), PLAIN), _text(sentences.code(brief, one), SMALL)],
                _text(sentences.since(one), PLAIN),
                _text(sentences.about(one), PLAIN),
                _text(sentences.tried(one), PLAIN),
            ]
        )
    table = Table(rows, colWidths=COLUMNS, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), ACCENT),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 1), (-1, -1), 0.4, HexColor("#c3cdd2")),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            ]
        )
    )
    return table


def _below(canvas: Canvas, brief: Brief, y: float) -> None:
    """Draw the map on the left, and beside it what changed and what one must know."""
    top = _title(canvas, sentences.MAP_TITLE, MARGIN, y)
    _map(canvas, brief, MARGIN, top)
    left, width = MARGIN + MAP_WIDTH + 2 * GAP, INNER - MAP_WIDTH - 2 * GAP
    for title, lines in (
        (sentences.SPOTS_TITLE, sentences.spots(brief)),
        (sentences.CHANGED_TITLE, sentences.changed(brief)),
        (sentences.BESIDE_TITLE, sentences.beside(brief)),
    ):
        y = _title(canvas, title, left, y)
        for line in lines:
            y = _drawn(canvas, _text(line, PLAIN), left, y, width) - 1.5
        y -= GAP / 2


def _map(canvas: Canvas, brief: Brief, left: float, top: float) -> None:
    whole = shaded_map.frame(brief.shapes, MAP_WIDTH, MAP_HEIGHT)
    ranges = shaded_map.steps(brief.by_kelurahan)
    canvas.setLineWidth(0.25)
    canvas.setStrokeColor(HexColor(shaded_map.INK))
    for shape in brief.shapes:
        canvas.setFillColor(HexColor(shaded_map.shade(brief.by_kelurahan.get(shape.code, 0), ranges)))
        path = canvas.beginPath()
        for ring in shape.rings:
            _ring(path, ring, whole, left, top)
        canvas.drawPath(path, stroke=1, fill=1, fillMode=0)
    marks = {spot.code: str(number) for number, spot in enumerate(brief.spots, start=1)}
    for x, y, text in shaded_map.placed(brief.shapes, marks, whole):
        canvas.setFillColor(HexColor("#ffffff"))
        canvas.circle(left + x, top - y, 5, stroke=1, fill=1)
        canvas.setFillColor(INK)
        canvas.setFont("Helvetica-Bold", 7)
        canvas.drawCentredString(left + x, top - y - 2.5, text)
    _legend(canvas, ranges, left, top - whole.height - 12)


def _ring(path: object, ring: shaded_map.Ring, whole: Frame, left: float, top: float) -> None:
    for number, (x, y) in enumerate(whole.place(*point) for point in ring):
        move = path.lineTo if number else path.moveTo  # type: ignore[attr-defined]
        move(left + x, top - y)
    path.close()  # type: ignore[attr-defined]


def _legend(canvas: Canvas, ranges: Sequence[tuple[int, int]], left: float, y: float) -> None:
    canvas.setFont("Helvetica", 6.5)
    for colour, words in sentences.legend(ranges):
        canvas.setFillColor(HexColor(colour))
        canvas.rect(left, y, 9, 7, stroke=1, fill=1)
        canvas.setFillColor(INK)
        canvas.drawString(left + 11.5, y + 1, _plain(words))
        left += 18 + canvas.stringWidth(_plain(words), "Helvetica", 6.5)


def _footer(canvas: Canvas, brief: Brief) -> None:
    lines = sentences.footer(brief)
    canvas.setFillColor(FAINT)
    canvas.setFont("Helvetica", 6.2)
    for number, line in enumerate(reversed(lines)):
        canvas.drawString(MARGIN, 16 + 8 * number, _plain(line))


def _title(canvas: Canvas, text: str, left: float, y: float) -> float:
    return _drawn(canvas, _text(text, TITLE), left, y, INNER) - 3


def _drawn(canvas: Canvas, part: Paragraph | Table, left: float, y: float, width: float) -> float:
    """Draw a part below a height; returns its lower end."""
    height = float(part.wrapOn(canvas, width, y)[1])
    part.drawOn(canvas, left, y - height)
    return y - height


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(_plain(text)), style)


def _plain(text: str) -> str:
    """Return a text in the letters that every reader of PDF has: those of Windows-1252."""
    said = text.replace("→", "ke")
    return "".join(
        letter
        if letter.encode("cp1252", "ignore")
        else unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode() or "?"
        for letter in said
    )
