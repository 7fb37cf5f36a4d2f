"""SQL of the migration on words that go with a merge that is undone; a changed one is a new migration."""

from casework.migrations._forgotten import GUARD as GUARD_FORMER
from casework.migrations._spoken import CHECK as CHECK_FORMER

# As the history counts it (casework/told): by a clock that is ahead it is when we heard of it.
CHECK = CHECK_FORMER.replace("step.at", "least(step.at, step.fetched_at)")
_LATER = "OLD.answered_at < coalesce(NEW.answered_at, 'infinity')"
_TAKEN = """(OLD.answered_at < coalesce(NEW.answered_at, 'infinity') AND (NEW.answered_at IS NULL OR NOT EXISTS (
            -- The word that answered it was of a report that is parted from it since.
            SELECT
            FROM casework_members(OLD.case_id) AS led
            JOIN casework_merge AS merged ON merged.into_id = led.report_id
            JOIN casework_unmerge AS undone ON undone.merge_id = merged.id
            JOIN casework_member AS member ON member.merge_id = merged.id
            CROSS JOIN LATERAL casework_members(member.case_id) AS parted
            JOIN reports_report AS report ON report.id = parted.report_id
            JOIN reports_sourceupdate AS step
                ON step.channel = report.channel AND step.external_id = report.external_id
            WHERE step.status IN ('in_progress', 'done')
                AND greatest(least(step.at, step.fetched_at), OLD.began_at) = OLD.answered_at
        )))"""
GUARD = GUARD_FORMER.replace(_LATER, _TAKEN)
