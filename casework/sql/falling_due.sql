-- falling_due: how many answers are waited for that fall due on each day of a time.
--
-- params   %(since)s, %(before)s instants: due behind the one, the other included; %(at)s instant; %(office)s code, or
--          null: any; %(zone)s time zone of the city
-- returns  on date, waiting, overdue: those whose deadline has passed at that instant, unsure: those in whose time lies
--          a year whose holidays are not known; by day
-- index    turn_waiting (due_at)
-- caller   casework.board.due_calendar.month
--
-- What is due when a day ends is due at the first instant of the next: it belongs to the day that ends.
SELECT ((turn.due_at - interval '1 microsecond') AT TIME ZONE %(zone)s)::date AS on, count(*) AS waiting,
    count(*) FILTER (WHERE turn.due_at < %(at)s) AS overdue,
    count(*) FILTER (WHERE NOT turn.due_is_sure) AS unsure
FROM casework_turn AS turn
WHERE turn.answered_at IS NULL AND turn.ended_at IS NULL AND turn.began_at IS NOT NULL AND turn.office_id IS NOT NULL
  AND turn.due_at > %(since)s AND turn.due_at <= %(before)s
  AND (%(office)s::text IS NULL OR turn.office_id = %(office)s::text)
GROUP BY 1
ORDER BY 1
