"""What each role may do, and with whose cases."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group

from casework.models import Case, Turn
from casework.steps import permitted, workflow
from geoplatform.errors import BadSettings, Forbidden
from staff import roles
from tests.conftest import NOON
from tests.staff.conftest import PASSWORD

CASEWORK = {
    "triage", "decide", "answer", "dispute", "supervise", "follow",
    "see_all", "view_personal", "export_personal", "view_board", "manage_rules",
}  # fmt: skip
# What each may do, by the words of the issue; whatever is not here, they may not.
EXPECTED = {
    "governor": {"see_all", "view_board", "decide"},
    "triage": {"see_all", "view_personal", "view_board", "triage", "dispute"},
    "supervisor": {
        "see_all", "view_personal", "export_personal", "view_board", "triage", "decide", "dispute",
        "supervise",
    },
    "official": {"view_personal", "answer"},
    "auditor": {"see_all", "view_personal", "view_board"},
    "administrator": {"see_all", "manage_rules"},
}  # fmt: skip


@pytest.fixture
def case_of(receive_one):
    """Open a case with one turn for each office that is named, each ended when the next one began."""

    def opened(
        *offices: str, ended_by: str | None = "passed_on", began: bool = True, **parts: object
    ) -> Case:
        report = receive_one(**parts)
        workflow.collect(NOON)
        case = Case.objects.get(report=report)
        for number, office in enumerate(offices):
            is_last = number == len(offices) - 1
            is_over = not is_last and ended_by is not None
            Turn.objects.create(
                case=case,
                number=number,
                office_id=office,
                explanation={},
                offered_at=NOON,
                began_at=NOON if began or not is_last else None,
                ended_at=NOON if is_over else None,
                ended_by=ended_by if is_over else None,
            )
        return case

    return opened


@pytest.fixture
def offices(city):
    from boundaries.models import Office

    found = list(Office.objects.filter(level="kelurahan").order_by("code").values_list("code", flat=True)[:2])
    assert len(found) == 2
    return found


@pytest.mark.parametrize("role", EXPECTED)
def test_a_role_has_the_permissions_of_the_table_and_no_other(account, offices, role):
    user = account(role, office=offices[0] if role == "official" else None)
    assert permitted.permissions(user) == EXPECTED[role]
    assert {name for name in CASEWORK if permitted.may(user, f"casework.{name}")} == EXPECTED[role]


def test_the_tests_know_every_role_and_every_permission():
    assert set(roles.table()) == set(EXPECTED)
    assert {code for code, _ in Case._meta.permissions} == CASEWORK


@pytest.mark.parametrize(
    ("role", "permission", "has"),
    [
        ("administrator", "access.manage_keys", True),
        ("administrator", "staff.manage_staff", True),
        ("supervisor", "staff.manage_staff", False),
        ("official", "access.manage_keys", False),
    ],
)
def test_accounts_and_keys_are_the_administrators(account, offices, role, permission, has):
    user = account(role, office=offices[0] if role == "official" else None)
    assert permitted.may(user, permission) is has


def test_a_role_that_was_changed_by_hand_is_as_the_table_says_after_a_start(account):
    user = account("auditor")
    supervisor = Group.objects.get(name="supervisor")
    Group.objects.get(name="auditor").permissions.set(supervisor.permissions.all())
    own = Group.objects.create(name="own")
    own.permissions.set(supervisor.permissions.all())
    assert (roles.load(), roles.load()) == (["auditor"], [])
    assert permitted.permissions(user) == EXPECTED["auditor"]
    assert own.permissions.count() == supervisor.permissions.count()


def test_a_table_with_a_permission_that_there_is_not_is_refused(city, tmp_path, monkeypatch):
    table = tmp_path / "roles.csv"
    table.write_text("role,permission\ntriage,casework.fly\n")
    monkeypatch.setattr(roles, "TABLE", table)
    with pytest.raises(BadSettings, match=r"no permission casework\.fly"):
        roles.load()


@pytest.mark.parametrize("role", ["governor", "triage", "supervisor", "auditor", "administrator"])
def test_the_unit_sees_the_cases_of_every_office(account, case_of, offices, role):
    mine, unplaced = case_of(offices[0]), case_of(external_id="2")
    assert set(permitted.cases_of(account(role))) == {mine, unplaced}


def test_an_official_sees_the_cases_of_the_own_office_alone(account, case_of, offices):
    mine, other, nobody = case_of(offices[0]), case_of(offices[1], external_id="2"), case_of(external_id="3")
    user = account("official", office=offices[0])
    assert list(permitted.cases_of(user)) == [mine]
    assert list(permitted.personal_of(user)) == [mine]
    assert permitted.theirs(user, [mine.pk, other.pk, nobody.pk, 0]) == {mine.pk}


@pytest.mark.parametrize("ended_by", ["passed_on", "rerouted", "disputed"])
def test_what_an_office_gave_away_its_official_sees_no_longer(account, case_of, offices, ended_by):
    case_of(*offices, ended_by=ended_by)
    assert permitted.cases_of(account("official", office=offices[0])).count() == 0
    assert permitted.cases_of(account("official", "lain", office=offices[1])).count() == 1


def test_while_another_office_is_asked_both_see_the_case(account, case_of, offices):
    case_of(*offices, ended_by=None, began=False)
    assert permitted.cases_of(account("official", office=offices[0])).count() == 1
    assert permitted.cases_of(account("official", "lain", office=offices[1])).count() == 1


@pytest.mark.parametrize("ended_by", ["resolved", "closed"])
def test_what_an_office_has_done_its_official_sees_on(account, case_of, offices, ended_by):
    case = case_of(offices[0])
    Turn.objects.filter(case=case).update(ended_at=NOON, ended_by=ended_by)
    assert permitted.cases_of(account("official", office=offices[0])).count() == 1


def test_a_case_that_an_office_had_twice_is_listed_once(account, case_of, offices):
    case_of(offices[0], offices[1], offices[0])
    assert permitted.cases_of(account("official", office=offices[0])).count() == 1


def test_who_may_see_cases_but_not_persons_sees_no_personal_data(account, case_of):
    case_of()
    user = account("governor")
    assert permitted.cases_of(user).count() == 1
    assert permitted.personal_of(user).count() == 0


def test_who_is_not_logged_in_or_was_disabled_or_has_lost_the_office_sees_nothing(account, case_of, offices):
    case_of(offices[0])
    homeless = account("official", office=offices[0])
    homeless.office = None
    gone = account("supervisor")
    gone.is_active = False
    for user in (AnonymousUser(), homeless, gone):
        assert permitted.cases_of(user).count() == 0
    assert permitted.permissions(gone) == permitted.permissions(AnonymousUser()) == frozenset()
    with pytest.raises(Forbidden, match=r"this needs the permission casework\.view_board"):
        permitted.require(homeless, "casework.view_board")


def test_a_step_of_an_official_is_refused_without_its_permission(account, case_of, offices):
    case = case_of(offices[0])
    mine = permitted.permissions(account("official", office=offices[0]))
    (refused,) = workflow.change([workflow.Step(case.pk, "selected")], "user:1", mine, NOON)
    assert refused.code == "not_permitted"


def test_nobody_has_the_permission_of_the_platform_itself(account):
    root = account("supervisor", "akar")
    root.is_superuser = True
    assert "follow" not in permitted.permissions(root)
    assert root.check_password(PASSWORD)
