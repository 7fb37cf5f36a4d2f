"""What the console consists of: one entry of its menu for each part, and who sees it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from casework.steps import permitted
from staff.models import User


@dataclass(frozen=True)
class Entry:
    """A part of the console: its key in the words, the name of its address, who may, what is drawn for it."""

    key: str
    address: str
    permissions: tuple[str, ...]

    @property
    def icon(self) -> str:
        """The template that draws it, in the colour of the text around it."""
        return f"console/desk/icons/{self.key}.svg"


ADMINISTRATION = (
    "casework.manage_rules",
    "boundaries.manage_boundaries",
    "boundaries.manage_officials",
    "staff.manage_staff",
    "access.manage_keys",
    "access.view_audit",
)
BOARD = "casework.view_board"
WORKS = ("casework.triage", "casework.answer", "casework.supervise")  # whose day is a list of cases
ALL_CASES = "?order=urgent"  # of triage, for who begins elsewhere
ENTRIES: tuple[Entry, ...] = (
    Entry("triage", "staff", ("casework.view_case",)),
    Entry("my_office", "own_office", ("casework.answer",)),
    Entry("board", "board", (BOARD,)),
    Entry("feeds", "feeds", ("casework.see_all",)),
    Entry("analysis", "analysis", (BOARD,)),
    Entry("admin", "admin", ADMINISTRATION),
    Entry("account", "account", ()),
)


def of(user: User) -> list[Entry]:
    """Return the parts that somebody may open, in the order of the menu."""
    return [entry for entry in ENTRIES if _is_open(entry, user)]


def first(user: User) -> str:
    """Return where somebody begins: who works on cases at the first part that is theirs.

    Who only watches (the governor, an auditor) begins at the board, who only administers at administration.
    """
    parts = [entry.address for entry in of(user)]
    ahead = () if any(permitted.may(user, one) for one in WORKS) else ("board", "admin")
    return reverse(next((part for part in ahead if part in parts), parts[0]))


def shown(request: HttpRequest, user: User, said: Mapping[str, str]) -> Iterator[dict[str, object]]:
    """Yield each entry for the template; the one whose address this page lies below is the current one."""
    begins = first(user)
    for entry in of(user):
        address = reverse(entry.address)
        yield {
            "name": said[entry.key],
            "address": address + (ALL_CASES if entry.key == "triage" and begins != address else ""),
            "icon": entry.icon,
            "is_current": _is_below(request.path, address),
        }


def _is_below(path: str, address: str) -> bool:
    """Say whether a page belongs to a part: ``/staff/`` is a part of its own, and above all others."""
    return path == address or (address != reverse("staff") and path.startswith(f"{address.rstrip('/')}/"))


def _is_open(entry: Entry, user: User) -> bool:
    return not entry.permissions or any(permitted.may(user, one) for one in entry.permissions)
