-- answered: append to escalations that the answer came after them.
--
-- params   %(escalations)s bigint array: those that a run has just written
-- returns  appended bigint, one row
-- index    casework_escalation_pkey, casework_turn_pkey, evidence_once
-- caller   casework.escalation.runs.write
--
-- Of a run that looks back: its turns may have been answered since. What is answered later says so by itself, as
-- casework_tell_rungs has it. Nobody was told of a vacant post's, so nobody answered to it.
WITH appended AS (
    INSERT INTO casework_evidence (escalation_id, kind, channel, at, note)
    SELECT escalation.id, 'answered', '', turn.answered_at, ''
    FROM casework_escalation AS escalation
    JOIN casework_turn AS turn ON turn.id = escalation.turn_id
    WHERE escalation.id = ANY (%(escalations)s) AND turn.answered_at >= escalation.at AND NOT escalation.is_vacant
    ON CONFLICT (escalation_id, kind, channel) WHERE NOT (kind IN ('failed', 'withdrawn')) DO NOTHING
    RETURNING id
)
SELECT count(*) AS appended
FROM appended
