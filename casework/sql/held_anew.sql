-- held_anew: give open turns to whom the terms say, where they name anybody else.
--
-- params   none
-- returns  given bigint, one row: how many are somebody else's now
-- index    turn_waiting (open turns alone), one_official_at_a_time
-- caller   casework.routing.answerable.renew
--
-- Triggers say so at once. A turn that begins in one transaction while another one hands its office over is seen by
-- neither: this sees both.
WITH given AS (
    UPDATE casework_turn AS turn
    SET official_id = term.official_id, acting = coalesce(term.acting, false)
    FROM casework_turn AS open
    LEFT JOIN boundaries_term AS term
        ON term.office_id = open.office_id AND term.during @> casework_settled_on(open)
    WHERE open.answered_at IS NULL AND open.ended_at IS NULL AND open.began_at IS NOT NULL
      AND turn.id = open.id
      AND (open.official_id, open.acting) IS DISTINCT FROM (term.official_id, coalesce(term.acting, false))
    RETURNING turn.id
)
SELECT count(*) AS given
FROM given
