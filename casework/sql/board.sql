-- board: what became of the turns of each office and person in a time.
--
-- params   %(since)s, %(before)s instants: turns that began from the one on and before the other; %(at)s instant: as
--          it was known then
-- returns  office_id, official_id (null: the post was vacant), acting (of any of them), judged bytea: 8 bytes for
--          each turn, its seconds times 32, 16 where its answer was disputed, and its outcome
-- index    turn_board (began_at), change_to_duplicate, change_to_disputed, report_open, casework_pause_case_id_*
-- caller   casework.figures.read
--
-- A value of 8 bytes for each turn, packed: 160 ms of a year of 192,000 turns. Grouped by outcome too it took 350,
-- two values for each turn 300, and a row for each turn twice that to hand over.
SELECT judged.office_id, judged.official_id, bool_or(judged.acting) AS acting,
    string_agg(
        int8send(
            judged.seconds::bigint * 32
            + CASE
                WHEN judged.turn_id IN (
                    SELECT disputed.turn_id
                    FROM casework_disputed(%(since)s, %(at)s) AS disputed
                ) THEN 16
                ELSE 0
            END
            + judged.outcome
        ),
        ''::bytea
    ) AS judged
FROM casework_judged(%(since)s, %(before)s, %(at)s) AS judged
GROUP BY judged.office_id, judged.official_id
