"""Who did something, as staff reads it: histories name accounts, feeds and the platform by marks."""

from collections.abc import Iterable, Mapping

from staff.models import User

USER, FEED = "user:", "feed:"


def named(marks: Iterable[str], words: Mapping[str, str], titles: Mapping[str, str]) -> dict[str, str]:
    """Return the name of each mark: a person's, a feed's of ``titles``, or the platform's own."""
    marks = set(marks)
    users = {mark.removeprefix(USER) for mark in marks if mark.startswith(USER)}
    people = User.objects.filter(pk__in=[id for id in users if id.isdecimal()]).select_related("office")
    names = {f"{USER}{one.pk}": _person(one) for one in people}
    names |= {f"{FEED}{feed}": title for feed, title in titles.items()}
    return {mark: names.get(mark) or mark or words["by_platform"] for mark in marks}


def _person(user: User) -> str:
    name = user.name or user.username
    return f"{name}, {user.office.title}" if user.office else name
