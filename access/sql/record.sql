-- record: append lines to the audit, in their order.
--
-- params   %(batch)s jsonb array of objects: subject, details; %(at)s instant, %(by)s, %(action)s, %(address)s,
--          %(agent)s text: the same for all of them
-- returns  id bigint of each line
-- caller   access.audit.record_all
--
-- A trigger numbers each line and binds it to the one before. It holds the end of the chain until the
-- transaction ends: record last, so that others do not wait.
INSERT INTO access_entry (at, by, action, subject, address, agent, details)
SELECT %(at)s, %(by)s, %(action)s, item.value ->> 'subject', %(address)s, %(agent)s, item.value -> 'details'
FROM jsonb_array_elements(%(batch)s::jsonb) WITH ORDINALITY AS item (value, place)
ORDER BY item.place
RETURNING id
