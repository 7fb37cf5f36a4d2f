"""What somebody of the staff may do, and with which cases: code asks here, and for permissions alone."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from access import audit
from casework.models import Alternative, Case, Choice, Escalation, Turn
from casework.steps import workflow
from casework.steps.workflow import FOLLOW, REASONS, Refused, Step
from geoplatform.errors import Forbidden, NotFound
from staff.models import User

Person = User | AnonymousUser
WHOLE = "casework.view_personal"  # of their own cases: citizens' words, and where sensitive reports lie
GIVEN_AWAY = ("passed_on", "not_taken", "rerouted")


def permissions(user: Person) -> frozenset[str]:
    """Return the codes of ``Case``'s permissions that somebody has, as ``workflow.change`` takes them.

    Nobody has that of the platform itself, nor any whose account is not active.
    """
    mine = {name.removeprefix("casework.") for name in user.get_all_permissions()}
    return frozenset(mine & {code for code, _ in Case._meta.permissions} - {FOLLOW})


def may(user: Person, permission: str) -> bool:
    """Say whether somebody has a permission: ``casework.view_board``."""
    return bool(user.has_perm(permission))


def require(user: Person, permission: str) -> None:
    """Raise Forbidden for who has not a permission."""
    if not may(user, permission):
        raise Forbidden(f"this needs the permission {permission}")


def cases_of(user: Person) -> QuerySet[Case]:
    """Return the cases that somebody may see: all, or those whose turn is or was their office's, or none.

    What an office gave away is no longer its own. A filter by existence: it joins no row twice.
    """
    return Case.objects.filter(condition(user))


def readable_by(user: Person) -> QuerySet[Case]:
    """Return the cases that somebody may look at: those they may see, and those their office was told of.

    The latter to read alone: a camat who hears that a lurah does not answer looks at the case, and nothing of
    the citizen's but what the public reads. Who was told of their own turn, and gave it away, was told as its
    office, and not as one above it.
    """
    own = condition(user)
    # Who sees all has no condition, which "or" would make one.
    return Case.objects.filter(own | _told(user) if own else own)


def _told(user: Person) -> Q:
    if user.is_anonymous or user.office_id is None or not may(user, "casework.view_case"):
        return Q(pk__in=[])
    told = Escalation.objects.filter(turn__case=OuterRef("pk"), office=user.office_id, is_vacant=False)
    return Q(Exists(told.exclude(turn_office=F("office"))))


def personal_of(user: Person) -> QuerySet[Case]:
    """Return the cases of which somebody may see the citizen's contacts and unmasked words."""
    return cases_of(user) if may(user, WHOLE) else Case.objects.none()


def condition(user: Person, path: str = "pk") -> Q:
    """Return the condition of a case that somebody may see; ``path`` leads to it from another model."""
    if not may(user, "casework.view_case"):
        return Q(pk__in=[])
    if may(user, "casework.see_all"):
        return Q()
    if user.is_anonymous or user.office_id is None:
        return Q(pk__in=[])
    return Q(Exists(turns_of(user.office_id, path)))


def turns_of(office_id: str, path: str = "pk") -> QuerySet[Turn]:
    """Return the turns by which a case is an office's; ``path`` leads to the case from the model outside.

    Not those that it gave away, nor any behind which another office has had the case: one whose answer was
    disputed has it no longer when the unit gave it to somebody else.
    """
    others = Turn.objects.filter(case=OuterRef("case"), number__gt=OuterRef("number"), began_at__isnull=False)
    own = Turn.objects.filter(case=OuterRef(path), office=office_id).exclude(ended_by__in=GIVEN_AWAY)
    return own.filter(~Exists(others.exclude(office=office_id)))


def theirs(user: Person, ids: Iterable[int]) -> set[int]:
    """Return which of many cases somebody may see."""
    return set(cases_of(user).filter(pk__in=list(ids)).values_list("pk", flat=True))


def hold(user: Person, ids: Iterable[int]) -> set[int]:
    """Lock cases until the transaction ends; returns those that are held, and that somebody may see even so.

    Nobody is waited for. A case may have become another office's before the lock: it is looked at again.
    """
    seen = theirs(user, ids)
    locked = Case.objects.select_for_update(skip_locked=True).filter(pk__in=seen).order_by("pk")
    return theirs(user, locked.values_list("pk", flat=True))


@transaction.atomic
def take(user: User, steps: Sequence[Step], who: audit.Origin, at: datetime) -> list[Refused]:
    """Take steps with cases as somebody of the staff, and record them; returns those that were refused.

    A case that they may not see is ``absent`` to them. 500 steps were 19 statements.

    Raises
    ------
    InvalidRequest
        Too many steps at a time, or two with one case.
    """
    held = hold(user, (step.report_id for step in steps))
    mine = [step for step in steps if step.report_id in held]
    left = [step.report_id for step in steps if step.report_id not in held]
    busy = theirs(user, left) if left else set()
    codes = {id: "busy" if id in busy else "absent" for id in left}
    codes |= dict.fromkeys(_offered(user, held), "offered")
    mine = [step for step in mine if step.report_id not in codes]
    refused = [Refused(id, code, REASONS[code]) for id, code in codes.items()]
    refused += workflow.change(mine, user.mark, permissions(user), at)
    lost = {one.report_id for one in refused}
    taken = [(f"report:{one.report_id}", {"to": one.to_state}) for one in mine if one.report_id not in lost]
    audit.record_all("case.step", who, at, taken)
    return refused


def _offered(user: User, ids: Iterable[int]) -> list[int]:
    """Return which of many cases are offered to somebody's office alone: the clock of another one runs."""
    if may(user, "casework.see_all"):
        return []
    offers = Turn.objects.filter(case__in=list(ids), office=user.office_id, began_at=None, ended_at=None)
    return list(offers.filter(case__state="returned").values_list("case_id", flat=True))


@transaction.atomic
def choose(user: User, alternative_id: int, why: str, who: audit.Origin, at: datetime) -> Choice:
    """Choose an alternative of a case as somebody of the staff, and record it.

    Raises
    ------
    Forbidden
        They may not decide.
    NotFound, InvalidRequest, Conflict
        As ``workflow.choose``; an alternative of a case that they may not see is not found.
    """
    require(user, "casework.decide")
    if not Alternative.objects.filter(condition(user, "case"), id=alternative_id).exists():
        raise NotFound(f"no alternative {alternative_id}")
    choice = workflow.choose(alternative_id, user.mark, why, at)
    audit.record("case.choice", who, at, f"report:{choice.alternative.case_id}", alternative=alternative_id)
    return choice
