"""The documents of LAPOR! 1708: exports as CSV and XML, replies as its interface takes them; pure.

What an export looks like is our reading of a form that nobody published (docs/reference/feeds.md#lapor).
"""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from geoplatform.errors import FeedChanged, Rejected
from ingest.adapter import Payload, Reply

DELIMITERS = ";,\t"
PASSED_ON, ANSWERED = "disposisi", "tindaklanjut"
NEEDED = ("tracking_id", "submitted_at", "text", "status")
# What XML 1.0 cannot hold, not even escaped.
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def rows(body: bytes) -> Iterator[Payload]:
    """Yield the rows of a CSV, each by the names of its columns.

    UTF-8 with or without a byte order mark, else Windows-1252; delimited as the first line is, which Excel's
    ``sep=;`` may precede. Cells that a row lacks at its end are empty; those that it has too many are kept
    under the name "".

    Raises
    ------
    FeedChanged
        It is no such table, or its last row breaks off.
    """
    text = _decoded(body)
    declared = re.match(r"sep=(.)\r?\n", text)
    text = text[declared.end() :] if declared else text
    head = text.partition("\n")[0]
    delimiter = declared[1] if declared else max(DELIMITERS, key=head.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip() for name in next(table, [])]
        if len(set(names)) < max(len(names), 2) or not all(names):
            raise FeedChanged("the first line does not name the columns, each once")
        cells = names
        for cells in table:
            if any(cell.strip() for cell in cells):
                yield _row(names, cells)
    except csv.Error as error:
        raise FeedChanged(f"line {table.line_num}: {error}") from None
    if len(cells) < len(names) and not text.endswith(("\n", "\r")):
        raise FeedChanged(f"the table breaks off in line {table.line_num}")


def elements(body: bytes) -> list[Payload]:
    """Return each ``<laporan>`` of a document as its own XML.

    Raises
    ------
    FeedChanged
        It is not well-formed, declares a document type (and with it entities), or is something else.
    """
    root = parsed(body)
    found = [root] if root.tag == "laporan" else root.findall("laporan")
    if not found and root.tag != "lapor":
        raise FeedChanged("no element <laporan>")
    for element in found:
        element.tail = None
    return [{"xml": tostring(element, encoding="unicode")} for element in found]


def parsed(body: bytes | str) -> Element:
    """Return the root of a document that may come from anyone, or raise FeedChanged."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise FeedChanged(f"no XML that can be read ({type(error).__name__})") from None
    return root


def said(payload: Payload, options: Mapping[str, Any]) -> "Said":
    """Return what a payload says, by our own names: ``options`` tell what they are there."""
    if "xml" not in payload:
        if "" in payload:
            raise Rejected("the row has more cells than there are columns")
        return Said(payload, options["columns"], must=set(options["columns"]))
    root = parsed(str(payload["xml"]))
    steps = []
    for element in [child for child in root if child.tag in (PASSED_ON, ANSWERED)]:
        root.remove(element)
        take = element.attrib.pop
        who = take("kepada" if element.tag == PASSED_ON else "oleh", "")
        step = Step(element.tag, take("waktu", ""), who, (element.text or "").strip(), take("status", ""))
        steps.append((step, [f"{element.tag}.{name}" for name in _flat(element) if name]))
    unread = {name for _, left in steps for name in left}
    return Said(_flat(root), options["xml"], NEEDED, [step for step, _ in steps], unread)


@dataclass(frozen=True)
class Step:
    """What was done about a laporan, in its own words: passed on to an office, or answered by one."""

    kind: str
    at: str
    office: str
    text: str
    status: str = ""


class Said:
    """The values of one laporan by their names there.

    A name is a column, or the path of an element: ``@status`` is an attribute, ``pelapor.namadepan`` the text
    of an element in another. ``must`` are those of our names that have to be there, be it empty.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        names: Mapping[str, str | list[str]],
        must: Collection[str],
        steps: Sequence[Step] = (),
        unread: Collection[str] = (),
    ) -> None:
        self._values, self._must, self._steps, self._unread = values, must, steps, unread
        self._names = {ours: [name] if isinstance(name, str) else name for ours, name in names.items()}

    def text(self, ours: str) -> str:
        """Return a value as text; empty where the settings name none. Of several the parts of one."""
        names = [name for name in self._names.get(ours, []) if name]
        for name in names:
            if name not in self._values and ours in self._must:
                raise FeedChanged(f"no field {name!r}, which is our {ours}")
        return " ".join(filter(None, (str(self._values.get(name, "")).strip() for name in names)))

    def steps(self) -> list[Step]:
        """Return what was done, in the order in which it stands there."""
        passed_on = Step(PASSED_ON, self.text("disposition_at"), self.text("disposition"), "")
        answered = Step(ANSWERED, self.text("answer_at"), self.text("answered_by"), self.text("answer"))
        return [
            *self._steps,
            *([passed_on] if passed_on.office else []),
            *([answered] if answered.text else []),
        ]

    def left(self, ignore: Collection[str]) -> tuple[str, ...]:
        """Return the names of values that are neither read nor ignored."""
        read = {name for names in self._names.values() for name in names}
        return tuple(sorted((set(self._values) | set(self._unread)) - read - set(ignore) - {""}))


def message(reply: Reply, token: str, statuses: Mapping[str, str]) -> bytes:
    """Return a reply in the form of LAPOR!'s ``addstream``, with the tracking id and our own key.

    Parameters
    ----------
    statuses
        From our status to LAPOR!'s.
    """
    root = Element("lapor", token=token)
    sender = SubElement(root, "pelapor")
    for name, text in (("email", ""), ("telpon", ""), ("namadepan", reply.by), ("namabelakang", "")):
        SubElement(sender, name).text = _sendable(text)
    laporan = SubElement(
        root, "laporan", rahasia="0", anonim="0", trackingid=reply.external_id, transaksi=reply.key
    )
    SubElement(laporan, "isi").text = _sendable(reply.text)
    SubElement(laporan, "waktu").text = reply.at.isoformat()
    if reply.status:
        SubElement(laporan, "status").text = statuses[reply.status]
    return bytes(tostring(root, encoding="UTF-8", xml_declaration=True))


def receipt(answer: bytes, external_id: str) -> str:
    """Return the transaction that LAPOR! made of a reply.

    Raises
    ------
    FeedChanged
        The answer names no transaction, or another report: nobody knows what became of the reply.
    """
    root = parsed(answer)
    transaction = (root.findtext(".//transaksiid") or "").strip()
    tracking = (root.findtext(".//trackingid") or "").strip()
    if not transaction or not tracking:
        raise FeedChanged("the receipt has no <trackingid> or no <transaksiid>")
    if tracking != external_id:
        raise FeedChanged("the receipt is for another report")
    return transaction


def _decoded(body: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FeedChanged("neither UTF-8 nor Windows-1252")


def _row(names: list[str], cells: list[str]) -> Payload:
    row: dict[str, Any] = dict(zip(names, cells + [""] * (len(names) - len(cells)), strict=False))
    return row | ({"": cells[len(names) :]} if len(cells) > len(names) else {})


def _flat(element: Element, path: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {f"{path}@{name}": value for name, value in element.attrib.items()}
    if len(element) == 0 or (element.text or "").strip():
        found[path.removesuffix(".")] = (element.text or "").strip()
    for child in element:
        for name, value in _flat(child, f"{path}{child.tag}.").items():
            if name in found:
                raise Rejected(f"{name} comes twice")
            found[name] = value
    return found


def _sendable(text: str) -> str:
    return NO_XML.sub("\ufffd", text)
