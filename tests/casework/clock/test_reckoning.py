"""When an answer is due: by hand-made cases, and by what must hold of any."""

import io
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as some

from casework.clock import deadlines, norms
from casework.clock.reckoning import Allowed, Calendar, Pause, due, ends, joined
from casework.models import Deadline, Holiday, Norm
from tests.casework.ruled import answer_within

JAKARTA = ZoneInfo("Asia/Jakarta")
# Lebaran of 2026: 18 to 24 March are closed but for none; 25 March is a Wednesday.
LEBARAN = frozenset(date(2026, 3, day) for day in (18, 19, 20, 21, 22, 23, 24))
CALENDAR = Calendar(JAKARTA, LEBARAN, frozenset({2026}))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAKARTA)


@pytest.mark.parametrize(
    ("begin", "amount", "last"),
    [
        ("2026-05-14T09:00", 1, "2026-05-15"),  # a Thursday
        ("2026-05-15T09:00", 1, "2026-05-18"),  # Friday: over the weekend
        ("2026-05-16T09:00", 2, "2026-05-19"),  # Saturday: Monday is the first
        ("2026-03-17T23:59", 1, "2026-03-25"),  # the eve of Nyepi and Lebaran
        ("2026-03-17T23:59", 5, "2026-03-31"),
        ("2026-05-14T00:00", 5, "2026-05-21"),
    ],
)
def test_working_days_end_with_the_day_over_weekends_and_holidays(begin, amount, last):
    found = due(at(begin), Allowed(amount, "working_days"), CALENDAR)
    assert found.at == at(f"{last}T00:00") + DAY
    assert found.is_sure


def test_hours_run_by_night_and_on_holidays():
    assert due(at("2026-03-18T22:00"), Allowed(24, "hours"), CALENDAR).at == at("2026-03-19T22:00")


def test_a_day_begins_and_ends_in_the_city_not_in_utc():
    # 23:30 UTC on Thursday is Friday morning in Jakarta: the first working day is Monday.
    begin = datetime(2026, 5, 14, 23, 30, tzinfo=UTC)
    assert due(begin, Allowed(1, "working_days"), CALENDAR).at == at("2026-05-19T00:00")


def test_a_deadline_at_midnight_is_said_of_the_day_that_ends():
    assert ends(datetime(2026, 5, 19, 17, tzinfo=UTC), JAKARTA) == date(2026, 5, 19)
    assert ends(datetime(2026, 5, 20, tzinfo=UTC), JAKARTA) is None


def test_a_pause_stops_hours_for_as_long_as_it_lasts():
    pauses = [
        Pause(at("2026-05-14T12:00"), at("2026-05-14T15:00")),
        Pause(at("2026-05-14T14:00"), at("2026-05-14T16:00")),
    ]
    assert due(at("2026-05-14T10:00"), Allowed(24, "hours"), CALENDAR, pauses).at == at("2026-05-15T14:00")


@pytest.mark.parametrize(
    ("pauses", "last"),
    [
        ([], "2026-05-19"),
        # A minute costs no more than the day that is begun, and so do a hundred of them.
        ([("2026-05-18T10:00", "2026-05-18T10:01")], "2026-05-20"),
        ([("2026-05-18T00:00", "2026-05-19T00:00")], "2026-05-20"),
        ([(f"2026-05-18T{hour}:00", f"2026-05-18T{hour}:59") for hour in range(10, 24)], "2026-05-20"),
        # Over three days, and two days long.
        ([("2026-05-18T12:00", "2026-05-20T12:00")], "2026-05-21"),
        # Nobody works on Saturday and Sunday, and the day of the beginning is none that counts.
        ([("2026-05-15T17:00", "2026-05-18T00:00")], "2026-05-19"),
        ([("2026-05-15T17:00", "2026-05-18T00:01")], "2026-05-20"),
        # When the answer was due the pause had not begun.
        ([("2026-05-20T00:00", "2026-05-28T00:00")], "2026-05-19"),
    ],
    ids=["none", "a minute", "a day", "many", "over three days", "a weekend", "into Monday", "behind"],
)  # fmt: skip
def test_working_days_are_more_by_what_pauses_took_of_them_rounded_up_once(pauses, last):
    stops = [Pause(at(since), at(until)) for since, until in pauses]
    found = due(at("2026-05-15T10:00"), Allowed(2, "working_days"), CALENDAR, stops)
    assert found.at == at(f"{last}T00:00") + DAY


class EveryDay(Calendar):
    def is_working(self, day: date) -> bool:
        return True


@pytest.mark.parametrize("sunday", [date(2026, 3, 29), date(2026, 10, 25)], ids=["23 hours", "25 hours"])
def test_a_working_day_is_one_day_however_many_hours_it_has(sunday):
    calendar = EveryDay(ZoneInfo("Europe/Berlin"), frozenset(), frozenset({2026}))
    whole = Pause(calendar.end(sunday - DAY), calendar.end(sunday))
    friday = calendar.end(sunday - 2 * DAY) - HOUR
    for stops, last in (([], sunday), ([whole], sunday + DAY)):
        assert due(friday, Allowed(2, "working_days"), calendar, stops).at == calendar.end(last)


def test_a_pause_that_begins_when_the_answer_is_due_changes_nothing():
    pauses = [Pause(at("2026-05-15T10:00"), at("2026-05-16T10:00"))]
    assert due(at("2026-05-14T10:00"), Allowed(24, "hours"), CALENDAR, pauses).at == at("2026-05-15T10:00")


def test_a_deadline_in_a_year_whose_holidays_nobody_loaded_is_not_sure():
    assert not due(at("2026-12-30T10:00"), Allowed(5, "working_days"), CALENDAR).is_sure
    assert due(at("2026-12-30T10:00"), Allowed(24, "hours"), CALENDAR).is_sure
    # A year that was left out between two that are known.
    gap = Calendar(JAKARTA, LEBARAN, frozenset({2025, 2027}))
    assert not due(at("2025-12-30T10:00"), Allowed(400, "working_days"), gap).is_sure


instants = some.integers(0, 300 * 86_400).map(lambda second: at("2026-01-05") + timedelta(seconds=second))
pauses = some.lists(
    some.tuples(instants, some.floats(0, 400)).map(lambda one: Pause(one[0], one[0] + HOUR * one[1])),
    max_size=5,
)
norm = some.builds(Allowed, some.integers(1, 60), some.sampled_from(["hours", "working_days"]))


@given(instants, norm, pauses, pauses)
def test_more_pauses_make_an_answer_due_no_sooner(begin, allowed, stops, more):
    found = due(begin, allowed, CALENDAR, stops).at
    assert due(begin, allowed, CALENDAR, stops + more).at >= found >= due(begin, allowed, CALENDAR).at > begin


@given(instants, some.integers(1, 60), pauses)
def test_no_answer_by_the_hour_is_due_while_a_pause_lasts(begin, amount, stops):
    found = due(begin, Allowed(amount, "hours"), CALENDAR, stops).at
    assert not any(since < found < until for since, until in joined(begin, stops))


@given(instants, some.integers(1, 60), pauses)
def test_pauses_give_no_more_than_they_lasted_and_one_working_day(begin, amount, stops):
    allowed = Allowed(amount, "working_days")
    without, found = (due(begin, allowed, CALENDAR, known).at for known in ([], stops))
    more = [day for day in days_between(without, found) if CALENDAR.is_working(day)]
    lasted = sum(
        (min(until, found) - since for since, until in joined(begin, stops) if since < found), timedelta()
    )
    assert len(more) * DAY <= lasted + DAY


@given(instants, some.timedeltas(timedelta(), 30 * DAY), norm, pauses)
def test_who_begins_later_is_due_no_earlier(begin, later, allowed, stops):
    first, second = (due(one, allowed, CALENDAR, stops).at for one in (begin, begin + later))
    assert second >= first


@given(instants, some.integers(1, 60), pauses)
def test_hours_allowed_are_the_hours_that_ran(begin, amount, stops):
    found = due(begin, Allowed(amount, "hours"), CALENDAR, stops).at
    stood = sum(
        ((min(until, found) - since) for since, until in joined(begin, stops) if since < found), timedelta()
    )
    assert found - begin - stood == HOUR * amount


@given(instants, some.integers(1, 60), pauses)
def test_working_days_allowed_ran_when_the_last_one_ends_and_had_not_a_day_before(begin, amount, stops):
    found = due(begin, Allowed(amount, "working_days"), CALENDAR, stops).at
    days = [day for day in days_between(CALENDAR.end(CALENDAR.day(begin)), found) if CALENDAR.is_working(day)]
    ran = [DAY - overlap(day, joined(begin, stops)) for day in days]
    assert sum(ran, timedelta()) >= amount * DAY > sum(ran[:-1], timedelta())
    assert CALENDAR.end(days[-1]) == found


def days_between(midnight: datetime, other: datetime) -> list[date]:
    first = CALENDAR.day(midnight)
    return [first + DAY * number for number in range((CALENDAR.day(other) - first).days)]


def overlap(day: date, stops) -> timedelta:
    begin, end = at(f"{day}T00:00"), at(f"{day}T00:00") + DAY
    return sum((max(timedelta(), min(until, end) - max(since, begin)) for since, until in stops), timedelta())


def test_the_shipped_calendar_has_three_years_of_holidays_with_their_decrees(city):
    calendar = norms.calendar()
    assert calendar.years == {2024, 2025, 2026}
    assert not any(
        calendar.is_working(day) for day in (date(2026, 3, 23), date(2025, 8, 18), date(2024, 2, 14))
    )
    assert calendar.is_working(date(2026, 3, 25))
    assert not Holiday.objects.filter(source="").exists()
    assert Holiday.objects.filter(on__year=2026, kind="collective_leave").count() == 8


def test_the_norm_that_names_most_holds(city):
    known = deadlines.known()
    assert deadlines.norm(known, "answer", "road", "kelurahan").code == "governor"
    answer_within("light", "road")
    answer_within("oversight", "road", tier="kota")
    answer_within("ordinary", tier="kelurahan")
    known = deadlines.known()
    found = [
        deadlines.norm(known, "answer", category, tier).code
        for category, tier in (
            ("road", "kota"),
            ("road", "kelurahan"),
            ("tree", "kelurahan"),
            ("tree", "kota"),
        )
    ]
    assert found == ["oversight", "light", "ordinary", "governor"]
    assert deadlines.norm({}, "answer", "road", None) is None


def test_what_an_operator_changed_stays_when_the_tables_are_loaded_again(city):
    answer_within("lapor_answer")
    norms.load()
    assert Deadline.objects.get(purpose="answer", ended_at=None).norm_id == "lapor_answer"
    assert Norm.objects.exclude(source="").count() == Norm.objects.count() == 7


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2027-01-32,Tahun Baru,holiday,SKB", "line 2: on '2027-01-32' is no date"),
        ("2027-01-01,Tahun Baru,rest,SKB", "line 2: kind 'rest' is none of holiday, collective_leave"),
        ("2027-01-01,Tahun Baru,holiday,", "line 2: name 'Tahun Baru', source ''"),
        ("2027-01-01,Tahun Baru", "line 2: the columns are on, name, kind, source"),
        ("2027-01-01,Tahun Baru,holiday,SKB,more", "line 2: the columns are on, name, kind, source"),
    ],
)
def test_a_line_that_is_no_holiday_is_named_and_nothing_is_loaded(city, tmp_path, line, reason):
    table = tmp_path / "holidays.csv"
    table.write_text(f"on,name,kind,source\n{line}\n2027-12-25,Natal,holiday,SKB\n")
    with pytest.raises(CommandError, match=re.escape(reason)):
        call_command("load_holidays", str(table))
    assert norms.calendar().years == {2024, 2025, 2026}


def test_a_year_is_known_when_its_list_is_decided_and_not_by_a_day_of_it(city, tmp_path):
    table = tmp_path / "holidays.csv"
    table.write_text("on,name,kind,source\n2027-01-01,Tahun Baru,holiday,SKB\n")
    out, warned = io.StringIO(), io.StringIO()
    call_command("load_holidays", str(table), stdout=out, stderr=warned)
    assert out.getvalue() == (
        "1 holidays loaded; decided are 2024, 2025, 2026\n0 answers are due at another time\n"
    )
    assert warned.getvalue().startswith("2027: some days are known; deadlines in it are not sure")
    eve = at("2026-12-30T12:00")
    assert not due(eve, Allowed(3, "working_days"), norms.calendar()).is_sure
    call_command("load_holidays", str(table), decided=2027, source="SKB", stdout=out, stderr=warned)
    assert norms.undecided() == []
    found = due(eve, Allowed(3, "working_days"), norms.calendar())
    assert (found.is_sure, norms.calendar().is_working(date(2027, 1, 1))) == (True, False)


@pytest.mark.parametrize(
    ("year", "source", "reason"),
    [(2027, " ", "source ' ': a year is decided by a decree"), (2031, "SKB", "year 2031: no holiday of it")],
)
def test_a_year_without_a_day_or_a_decree_is_not_decided(city, year, source, reason):
    with pytest.raises(CommandError, match=re.escape(reason)):
        call_command("load_holidays", decided=year, source=source)
