"""Letting the platform come to rest: all that waits is done, and time passes for what was put off."""

import time

from drills.load import Load
from drills.platform import Late, until

QUIET_S = 120.0
# What waits, by what it is.
WAITING = """
SELECT 'payloads', count(*) FROM ingest_waiting
 UNION ALL SELECT 'reports without a case', count(*) FROM reports_report AS report
  WHERE report.status <> 'withdrawn' AND NOT EXISTS (SELECT FROM casework_case WHERE report_id = report.id)
 UNION ALL SELECT 'turns overdue and untold', count(*) FROM casework_turn AS turn
  WHERE turn.answered_at IS NULL AND turn.ended_at IS NULL AND turn.due_at <= now()
    AND NOT EXISTS (SELECT FROM casework_escalation WHERE turn_id = turn.id)
 UNION ALL SELECT 'notices', count(*) FROM casework_notice
  WHERE sent_at IS NULL AND dead_at IS NULL AND withdrawn_at IS NULL
 UNION ALL SELECT 'answers', count(*) FROM reports_outgoing WHERE sent_at IS NULL AND dead_at IS NULL
 UNION ALL SELECT 'webhooks', count(*) FROM subscriptions_delivery WHERE sent_at IS NULL AND dead_at IS NULL
 UNION ALL SELECT 'changes to tell', count(*) FROM subscriptions_subscription AS one
  JOIN layers_revision AS layer ON layer.layer = 'reports' AND one.seen_revision < layer.revision
"""
# An attempt that was killed comes again after minutes: they pass.
PASSED = (
    "UPDATE casework_notice SET next_at = now()"
    " WHERE sent_at IS NULL AND dead_at IS NULL AND withdrawn_at IS NULL",
    "UPDATE reports_outgoing SET next_at = now() WHERE sent_at IS NULL AND dead_at IS NULL",
    "UPDATE subscriptions_delivery SET next_at = now() WHERE sent_at IS NULL AND dead_at IS NULL",
)


def settle(load: Load) -> float:
    """Wait until the sender is rid of all, and nothing waits in the platform; returns seconds."""
    from django.db import connection

    connection.close()
    began = time.monotonic()
    until(load.sender.is_rid_of_all, "the sender is rid of all", QUIET_S)
    with connection.cursor() as cursor:
        for statement in PASSED:
            cursor.execute(statement)
    load.want_everything()
    left: dict[str, int] = {}

    def is_quiet() -> bool:
        load.want_everything()
        left.clear()
        left.update(waiting())
        return not left

    try:
        until(is_quiet, "nothing waits", QUIET_S, pause_s=0.5)
    except Late as late:
        raise Late(f"{late}: {left}") from None
    return time.monotonic() - began


def waiting() -> dict[str, int]:
    """Return what waits in the platform."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return {what: number for what, number in cursor.fetchall() if number}
