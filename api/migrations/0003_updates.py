"""What became of reports, as the public may see it, and indexes for who asks by time."""

from django.db import migrations

CREATE = """
CREATE VIEW analyst.updates AS
SELECT step.id, report.id AS report,
    coalesce(step.status, (
        SELECT former.status
        FROM reports_sourceupdate AS former
        WHERE former.channel = step.channel AND former.external_id = step.external_id
          AND former.status IS NOT NULL AND (former.at, former.id) < (step.at, step.id)
        ORDER BY former.at DESC, former.id DESC
        LIMIT 1
    ), 'waiting') AS status,
    step.at, step.public_by AS by, step.public_note AS note
FROM reports_sourceupdate AS step
JOIN reports_report AS report ON report.channel = step.channel AND report.external_id = step.external_id
WHERE report.status <> 'withdrawn' AND step.status IS DISTINCT FROM 'withdrawn';
COMMENT ON VIEW analyst.updates IS 'Steps that were taken on reports, withdrawn reports left out';
COMMENT ON COLUMN analyst.updates.id IS 'key of the step';
COMMENT ON COLUMN analyst.updates.report IS 'key of the report';
COMMENT ON COLUMN analyst.updates.status IS 'waiting, in_progress or done: what holds after this step';
COMMENT ON COLUMN analyst.updates.at IS 'UTC instant by the source';
COMMENT ON COLUMN analyst.updates.by IS 'office that took the step, empty where nobody is named';
COMMENT ON COLUMN analyst.updates.note IS 'words on it, without names, phones and addresses';
-- Rows lie nearly in the order of these times: a few bytes for each 128 pages, nothing at an insert.
CREATE INDEX report_submitted ON reports_report USING brin (submitted_at) WITH (autosummarize = on);
CREATE INDEX source_update_at ON reports_sourceupdate USING brin (at) WITH (autosummarize = on);
"""
DROP = """
DROP VIEW analyst.updates;
DROP INDEX report_submitted;
DROP INDEX source_update_at;
"""


class Migration(migrations.Migration):
    dependencies = [("api", "0002_unplaced")]

    operations = [migrations.RunSQL(CREATE, DROP)]
