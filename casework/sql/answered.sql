-- answered: append to each escalation that the answer came after it.
--
-- params   %(at)s instant: answers that came later are not looked at
-- returns  appended bigint, one row
-- index    none: escalations are few beside turns, and each is looked at; casework_turn_pkey, evidence_once
-- caller   casework.escalation.write
--
-- Nobody was told of a vacant post's, so nobody answered to it.
WITH appended AS (
    INSERT INTO casework_evidence (escalation_id, kind, channel, at, note)
    SELECT escalation.id, 'answered', '', turn.answered_at, ''
    FROM casework_escalation AS escalation
    JOIN casework_turn AS turn ON turn.id = escalation.turn_id
    WHERE turn.answered_at BETWEEN escalation.at AND %(at)s AND NOT escalation.is_vacant
      AND NOT EXISTS (
          SELECT FROM casework_evidence AS known WHERE known.escalation_id = escalation.id AND known.kind = 'answered'
      )
    ON CONFLICT (escalation_id, kind, channel) WHERE kind <> 'failed' DO NOTHING
    RETURNING id
)
SELECT count(*) AS appended
FROM appended
