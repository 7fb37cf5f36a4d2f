"""SQL of the migration on whose rows an official sees; a changed one is a new migration."""

NARROWED = """
-- Whether a report is of the office that the session works for: casework.permitted.turns_of says the same.
CREATE FUNCTION casework_is_theirs(of_channel text, of_external_id text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (
        SELECT
        FROM reports_report AS report
        JOIN casework_turn AS turn ON turn.case_id = report.id
        WHERE report.channel = of_channel AND report.external_id = of_external_id
            AND turn.office_id = current_setting('geoplatform.office', true)
            AND (turn.ended_by IS NULL OR turn.ended_by NOT IN ('passed_on', 'not_taken', 'rerouted'))
            AND NOT EXISTS (
                SELECT
                FROM casework_turn AS other
                WHERE other.case_id = turn.case_id AND other.number > turn.number
                    AND other.began_at IS NOT NULL AND other.office_id IS DISTINCT FROM turn.office_id
            )
    )
$$;
-- Contacts of citizens: of who sees all, or of the own office. The owner of the table is not bound.
ALTER TABLE reports_contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_the_own_office ON reports_contact USING (
    coalesce(current_setting('geoplatform.office', true), '') = ''
    OR casework_is_theirs(channel, external_id)
) WITH CHECK (true);
"""
NOT_NARROWED = """
DROP POLICY of_the_own_office ON reports_contact;
ALTER TABLE reports_contact DISABLE ROW LEVEL SECURITY;
DROP FUNCTION casework_is_theirs(text, text);
"""
