"""When an answer is due: by hand-made cases, and by what must hold of any."""

import io
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from casework import deadlines, norms
from casework.clock import Allowed, Calendar, Pause, due, joined
from casework.models import Deadline, Holiday, Norm
from geoplatform.errors import NotFound
from tests.casework.ruled import answer_within

JAKARTA = ZoneInfo("Asia/Jakarta")
# Lebaran of 2026: 18 to 24 March are closed but for none; 25 March is a Wednesday.
LEBARAN = frozenset(date(2026, 3, day) for day in (18, 19, 20, 21, 22, 23, 24))
CALENDAR = Calendar(JAKARTA, LEBARAN, (2026, 2026))
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


def test_a_pause_stops_hours_for_as_long_as_it_lasts():
    pauses = [
        Pause(at("2026-05-14T12:00"), at("2026-05-14T15:00")),
        Pause(at("2026-05-14T14:00"), at("2026-05-14T16:00")),
    ]
    assert due(at("2026-05-14T10:00"), Allowed(24, "hours"), CALENDAR, pauses).at == at("2026-05-15T14:00")


def test_a_working_day_that_a_pause_touches_does_not_count():
    pauses = [Pause(at("2026-05-18T15:00"), at("2026-05-19T00:00"))]
    assert due(at("2026-05-15T10:00"), Allowed(1, "working_days"), CALENDAR, pauses).at == at(
        "2026-05-20T00:00"
    )


def test_a_pause_that_begins_when_the_answer_is_due_changes_nothing():
    pauses = [Pause(at("2026-05-15T10:00"), at("2026-05-16T10:00"))]
    assert due(at("2026-05-14T10:00"), Allowed(24, "hours"), CALENDAR, pauses).at == at("2026-05-15T10:00")


def test_a_deadline_in_a_year_whose_holidays_nobody_loaded_is_not_sure():
    assert not due(at("2026-12-30T10:00"), Allowed(5, "working_days"), CALENDAR).is_sure
    assert due(at("2026-12-30T10:00"), Allowed(24, "hours"), CALENDAR).is_sure


instants = some.integers(0, 300 * 86_400).map(lambda second: at("2026-01-05") + timedelta(seconds=second))
pauses = some.lists(
    some.tuples(instants, some.floats(0, 400)).map(lambda one: Pause(one[0], one[0] + HOUR * one[1])),
    max_size=5,
)
norm = some.builds(Allowed, some.integers(1, 60), some.sampled_from(["hours", "working_days"]))


# The same on a machine that has much else to do.
calm = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@calm
@given(instants, norm, pauses)
def test_an_answer_is_due_later_with_pauses_and_never_while_one_lasts(begin, allowed, stops):
    found = due(begin, allowed, CALENDAR, stops).at
    assert found >= due(begin, allowed, CALENDAR).at > begin
    assert not any(since < found < until for since, until in joined(begin, stops))


@calm
@given(instants, some.timedeltas(timedelta(), 30 * DAY), norm, pauses)
def test_who_begins_later_is_due_no_earlier(begin, later, allowed, stops):
    first, second = (due(one, allowed, CALENDAR, stops).at for one in (begin, begin + later))
    assert second >= first


@calm
@given(instants, some.integers(1, 60), pauses)
def test_hours_allowed_are_the_hours_that_ran(begin, amount, stops):
    found = due(begin, Allowed(amount, "hours"), CALENDAR, stops).at
    stood = sum(
        ((min(until, found) - since) for since, until in joined(begin, stops) if since < found), timedelta()
    )
    assert found - begin - stood == HOUR * amount


@calm
@given(instants, some.integers(1, 60), pauses)
def test_working_days_allowed_are_the_days_that_counted(begin, amount, stops):
    found = due(begin, Allowed(amount, "working_days"), CALENDAR, stops).at
    first, last = CALENDAR.day(begin), CALENDAR.day(found - timedelta(microseconds=1))
    days = [first + DAY * number for number in range(1, (last - first).days + 1)]
    paused = joined(begin, stops)
    whole = [
        day
        for day in filter(CALENDAR.is_working, days)
        if all(until <= CALENDAR.end(day - DAY) or since >= CALENDAR.end(day) for since, until in paused)
    ]
    assert len(whole) == amount
    assert whole[-1] == last


def test_the_shipped_calendar_has_three_years_of_holidays_with_their_decrees(city):
    calendar = norms.calendar()
    assert calendar.years == (2024, 2026)
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
    with pytest.raises(NotFound, match="no deadline for 'praise'"):
        deadlines.norm(known, "praise", "road", None)


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
    assert norms.calendar().years == (2024, 2026)


def test_the_holidays_of_another_year_are_loaded_from_a_table(city, tmp_path):
    table = tmp_path / "holidays.csv"
    table.write_text("on,name,kind,source\n2027-01-01,Tahun Baru,holiday,SKB\n")
    out = io.StringIO()
    call_command("load_holidays", str(table), stdout=out)
    assert out.getvalue() == "1 holidays loaded; known are 2024 to 2027\n0 answers are due at another time\n"
    assert not norms.calendar().is_working(date(2027, 1, 1))
