-- candidates: store the pairs of a batch of reports with any others that may tell of the same event.
--
-- params   %(batch)s jsonb array of objects: report_id, probes (keys of others that could)
--          %(weights)s jsonb object, part to weight; %(related)s jsonb array of [category, category, share]
--          %(threshold)s score from which a pair is a candidate; %(rule)s edition of the rule
--          %(near_m)s metres; %(event_s)s, %(author_s)s, %(photo_s)s seconds; %(alike)s bits
-- returns  compared, stored: how many pairs were measured, and how many candidates are new or have another
--          score; of one row
-- index    clue_keys (keys, GIN), casework_clue_pkey, reports_report_pkey
-- caller   casework.duplicates.candidates.find
--
-- A pair is the same whichever of the two came first: it is compared from the lower id to the higher, and
-- stored once. Words alone pair no reports of one channel: people there read one another. One of the batch that is no candidate any more, since a report was edited, is removed.
WITH sought AS MATERIALIZED (
    SELECT item.report_id, item.probes
    FROM jsonb_to_recordset(%(batch)s::jsonb) AS item (report_id bigint, probes text[])
), related AS MATERIALIZED (
    SELECT item ->> 0 AS category, item ->> 1 AS other, (item ->> 2)::double precision AS share
    FROM jsonb_array_elements(%(related)s::jsonb) AS item
    UNION ALL
    SELECT item ->> 1, item ->> 0, (item ->> 2)::double precision
    FROM jsonb_array_elements(%(related)s::jsonb) AS item
), weight AS MATERIALIZED (
    SELECT (part.of ->> 'bias')::double precision AS bias, (part.of ->> 'near')::double precision AS near,
        (part.of ->> 'soon')::double precision AS soon, (part.of ->> 'apart')::double precision AS apart,
        (part.of ->> 'no_point')::double precision AS no_point,
        (part.of ->> 'category')::double precision AS category,
        (part.of ->> 'text')::double precision AS text, (part.of ->> 'said')::double precision AS said,
        (part.of ->> 'kelurahan')::double precision AS kelurahan,
        (part.of ->> 'photo')::double precision AS photo, (part.of ->> 'author')::double precision AS author
    FROM (SELECT %(weights)s::jsonb AS of) AS part
), met AS MATERIALIZED (
    SELECT DISTINCT least(sought.report_id, clue.report_id) AS first_id,
        greatest(sought.report_id, clue.report_id) AS second_id
    FROM sought
    JOIN casework_clue AS clue ON clue.keys && sought.probes AND clue.report_id <> sought.report_id
), measured AS MATERIALIZED (
    SELECT met.first_id, met.second_id, one.category_id AS one_category, other.category_id AS other_category,
        one.public_text AS one_text, other.public_text AS other_text,
        ST_Distance(one.point::geography, other.point::geography) AS distance_m,
        abs(extract(epoch FROM one.submitted_at - other.submitted_at))::double precision AS apart_s,
        (SELECT count(*) FROM unnest(one_clue.said) AS place WHERE place = ANY (other_clue.said)) AS common,
        greatest(1, least(cardinality(one_clue.said), cardinality(other_clue.said))) AS fewer,
        one_clue.kelurahan = ANY (other_clue.said) OR other_clue.kelurahan = ANY (one_clue.said)
            AS is_in_the_one_said,
        (
            SELECT min(bit_count((mine # theirs)::bit(64)))
            FROM unnest(one_clue.looks) AS mine, unnest(other_clue.looks) AS theirs
        ) AS photo_bits,
        one.channel <> other.channel AS is_of_two_channels,
        one.author_hash <> '' AND one.author_hash = other.author_hash AS is_same_author
    FROM met
    JOIN reports_report AS one ON one.id = met.first_id
    JOIN reports_report AS other ON other.id = met.second_id
    JOIN casework_clue AS one_clue ON one_clue.report_id = met.first_id
    JOIN casework_clue AS other_clue ON other_clue.report_id = met.second_id
    WHERE one.status <> 'withdrawn' AND other.status <> 'withdrawn'
      AND one.submitted_at - other.submitted_at
          BETWEEN -%(photo_s)s * interval '1 second' AND %(photo_s)s * interval '1 second'
), part AS MATERIALIZED (
    SELECT measured.*,
        CASE WHEN measured.one_category = measured.other_category THEN 1 ELSE coalesce(related.share, 0) END
            AS category,
        measured.common::double precision / measured.fewer AS said,
        (measured.is_in_the_one_said AND measured.distance_m IS NULL)::integer AS kelurahan,
        coalesce(measured.photo_bits <= %(alike)s, false)::integer AS photo,
        measured.is_same_author::integer AS author
    FROM measured
    LEFT JOIN related
        ON related.category = measured.one_category AND related.other = measured.other_category
    WHERE (measured.apart_s <= %(event_s)s AND measured.distance_m <= %(near_m)s)
       OR (
           measured.apart_s <= %(event_s)s AND measured.distance_m IS NULL
           AND (measured.common > 0 OR measured.is_in_the_one_said) AND measured.is_of_two_channels
       )
       OR (measured.apart_s <= %(author_s)s AND measured.is_same_author)
       OR measured.photo_bits <= %(alike)s
), textless AS MATERIALIZED (
    SELECT part.*, weight.text AS text_weight,
        weight.bias
        + weight.near * coalesce(greatest(0, 1 - part.distance_m / %(near_m)s), 0)
        + weight.apart * coalesce(part.distance_m > %(near_m)s, false)::integer
        + weight.no_point * (part.distance_m IS NULL)::integer
        + weight.soon * greatest(0, 1 - part.apart_s / %(event_s)s)
        + weight.category * part.category
        + weight.said * part.said
        + weight.kelurahan * part.kelurahan
        + weight.photo * part.photo
        + weight.author * part.author AS odds
    FROM part, weight
), texted AS MATERIALIZED (
    -- Comparing texts costs more than all else: only where they could still make the pair a candidate.
    SELECT textless.*, similarity(
        regexp_replace(textless.one_text, '\[\w+\]', ' ', 'g'),
        regexp_replace(textless.other_text, '\[\w+\]', ' ', 'g')
    )::double precision AS text
    FROM textless
    WHERE textless.odds + greatest(0, textless.text_weight) >= ln(%(threshold)s / (1 - %(threshold)s))
), weighed AS MATERIALIZED (
    SELECT texted.*, 1 / (1 + exp(-(texted.odds + texted.text_weight * texted.text))) AS score
    FROM texted
), gone AS (
    DELETE FROM casework_duplicatecandidate AS candidate
    USING sought
    WHERE sought.report_id IN (candidate.first_id, candidate.second_id)
      AND candidate.apart_at IS NULL
      AND NOT EXISTS (
          SELECT FROM weighed
          WHERE weighed.first_id = candidate.first_id AND weighed.second_id = candidate.second_id
            AND weighed.score >= %(threshold)s
      )
), stored AS (
    INSERT INTO casework_duplicatecandidate AS stored (first_id, second_id, score, parts, rule, found_at)
    SELECT weighed.first_id, weighed.second_id, round(weighed.score::numeric, 4), jsonb_build_object(
        'distance_m', round(weighed.distance_m::numeric, 1),
        'minutes', round(weighed.apart_s::numeric / 60, 1),
        'category', weighed.category,
        'text', round(weighed.text::numeric, 3),
        'said', round(weighed.said::numeric, 3),
        'kelurahan', weighed.kelurahan = 1,
        'photo', weighed.photo_bits,
        'author', weighed.is_same_author
    ), %(rule)s, now()
    FROM weighed
    WHERE weighed.score >= %(threshold)s
    ORDER BY weighed.first_id, weighed.second_id
    ON CONFLICT (first_id, second_id) DO UPDATE SET
        score = excluded.score, parts = excluded.parts, rule = excluded.rule
    WHERE (stored.score, stored.parts, stored.rule)
          IS DISTINCT FROM (excluded.score, excluded.parts, excluded.rule)
    RETURNING 1
)
SELECT (SELECT count(*) FROM met) AS compared, (SELECT count(*) FROM stored) AS stored
