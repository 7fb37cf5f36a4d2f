"""SQL of the migration on reports that are there again after they were deleted; a changed one is a new migration."""

from casework.migrations._as_closed import JUDGED as JUDGED_BEFORE
from casework.migrations._silent_voices import SILENT_MEMBERS as MEMBERS_BEFORE
from casework.migrations._silent_voices import UNHEARD as UNHEARD_BEFORE

_OR_REPLACE = "CREATE OR REPLACE FUNCTION"
# By what the report is now, which says nothing of then.
_NOW = """CASE WHEN report.status = 'withdrawn' THEN (
                SELECT min(step.fetched_at)
                FROM reports_sourceupdate AS step
                WHERE step.channel = report.channel AND step.external_id = report.external_id
                  AND step.status = 'withdrawn' AND step.fetched_at <= as_of
            ) END AS gone_at
"""
_THEN = """(
                SELECT min(step.fetched_at)
                FROM reports_sourceupdate AS step
                WHERE step.channel = report.channel AND step.external_id = report.external_id
                  AND step.status = 'withdrawn' AND step.fetched_at <= as_of
                  -- Behind the last time it was there again, if it was merged then.
                  AND step.fetched_at > coalesce((
                      SELECT max(change.at)
                      FROM casework_change AS change
                      WHERE change.case_id = {voice}.said_of AND change.from_state_id = 'withdrawn'
                        AND change.at <= {voice}.since
                  ), '-infinity')
            ) AS gone_at
"""
MEMBERS_FORMER = MEMBERS_BEFORE.replace("CREATE FUNCTION", _OR_REPLACE)
MEMBERS = MEMBERS_FORMER.replace(_NOW, _THEN.replace("{voice}", "voice"))
UNHEARD_FORMER = UNHEARD_BEFORE.replace("CREATE FUNCTION", _OR_REPLACE)
UNHEARD = UNHEARD_FORMER.replace(_NOW, _THEN.replace("{voice}", "spoken"))

_LED = "OR turn.case_id IN (SELECT led.problem FROM casework_led(as_of) AS led)\n"
JUDGED_FORMER = JUDGED_BEFORE
# It is open since it leads others now, whether it did so then or not.
JUDGED = JUDGED_FORMER.replace(_LED, _LED.replace("as_of", "'infinity'"))
