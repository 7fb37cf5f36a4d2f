"""Roles: Django's groups, each with the permissions that ``roles.csv`` gives it.

Code asks for permissions, never for a role. A role of the table has exactly the table's permissions after
each start; an operator who wants another one makes another group.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import F, TextField, Value
from django.db.models.functions import Concat

from geoplatform.errors import BadSettings

TABLE = Path(__file__).parent / "roles.csv"
SEE_ALL = "casework.see_all"  # without it an account sees the cases of its office alone


def table() -> Mapping[str, frozenset[str]]:
    """Return the permissions of each role of the table, as ``app.codename``."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["role"]].add(row["permission"])
    return {role: frozenset(permissions) for role, permissions in found.items()}


@transaction.atomic
def load() -> list[str]:
    """Make each role of the table, with its permissions and no other; returns the roles that were otherwise.

    Raises
    ------
    BadSettings
        The table names a permission that there is not.
    """
    roles = table()
    ids = _ids(frozenset().union(*roles.values()))
    changed = []
    for role, permissions in sorted(roles.items()):
        group, is_new = Group.objects.get_or_create(name=role)
        wanted = {ids[name] for name in permissions}
        if is_new or wanted != set(group.permissions.values_list("id", flat=True)):
            group.permissions.set(wanted)
            changed.append(role)
    return changed


def names() -> list[str]:
    """Return every role that there is, those that an operator made too."""
    return list(Group.objects.order_by("name").values_list("name", flat=True))


def is_of_an_office(roles: list[str]) -> bool:
    """Say whether who has these roles sees the cases of an office alone, and so must have one."""
    label, codename = SEE_ALL.split(".")
    sees_all = Group.objects.filter(
        name__in=roles, permissions__codename=codename, permissions__content_type__app_label=label
    )
    return not sees_all.exists()


def _ids(wanted: frozenset[str]) -> Mapping[str, int]:
    name = Concat(F("content_type__app_label"), Value("."), F("codename"), output_field=TextField())
    known = Permission.objects.annotate(label=name).filter(label__in=wanted)
    ids = dict(known.values_list("label", "id"))
    if unknown := sorted(wanted - set(ids)):
        raise BadSettings(f"{TABLE.name}: there is no permission {', '.join(unknown)}")
    return ids
