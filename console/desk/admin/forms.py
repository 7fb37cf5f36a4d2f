"""Forms as data: which members a change wants, how each is typed in, and as what the API takes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict

Options = Sequence[tuple[str, str]]
PLAIN = ("text", "day", "long", "choice", "file", "email")


@dataclass(frozen=True)
class Field:
    """One thing that is typed in.

    ``kind`` is ``text``, ``email``, ``long``, ``whole``, ``day``, ``choice``, ``flag``, ``many``, ``file`` or
    ``fixed``, which nobody changes. ``known`` names a list of suggestions on the page.
    """

    name: str
    kind: str = "text"
    label: str = ""
    options: Options = ()
    value: Any = ""
    hint: str = ""
    wanted: bool = False
    known: str = ""


@dataclass(frozen=True)
class Form:
    """What a change wants: the name of the act, its fields, and the words on its buttons.

    ``about`` is what it is done to, where that is not typed in; ``tries`` the word on the button that only
    says what would be.
    """

    act: str
    submit: str
    fields: tuple[Field, ...] = ()
    about: str = ""
    tries: str = ""

    def filled(self, typed: QueryDict) -> "Form":
        """Return the form with what somebody typed, so that nothing is lost where it cannot be used."""
        return replace(self, fields=tuple(_filled(one, typed) for one in self.fields))

    @property
    def has_file(self) -> bool:
        """Say whether a file is sent."""
        return any(one.kind == "file" for one in self.fields)


def read(fields: Iterable[Field], typed: QueryDict) -> dict[str, Any]:
    """Return what was typed as the API takes it; what is no number is left for it to name."""
    said: dict[str, Any] = {}
    for one in fields:
        text = typed.get(one.name, "").strip()
        if one.kind == "flag":
            said[one.name] = one.name in typed
        elif one.kind == "many":
            said[one.name] = typed.getlist(one.name)
        elif one.kind == "whole":
            said[one.name] = int(text) if text.isascii() and text.isdigit() else text or None
        elif one.kind in (*PLAIN, "fixed"):
            said[one.name] = text
    return said


def undone(act: str, about: str = "", **members: Any) -> dict[str, Any]:
    """Return what takes a change back: the act, what it is about, and the members of its form."""
    return {"act": act, "about": about, "members": members}


def _filled(one: Field, typed: QueryDict) -> Field:
    if one.kind == "flag":
        return replace(one, value=one.name in typed)
    if one.kind == "many":
        return replace(one, value=typed.getlist(one.name))
    return one if one.kind in ("file", "fixed") else replace(one, value=typed.get(one.name, ""))
