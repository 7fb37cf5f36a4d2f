-- clues: store the clues of a batch of reports.
--
-- params   %(batch)s jsonb array of objects: report_id, version (hex), keys, said, kelurahan, looks
-- returns  nothing
-- index    casework_clue_pkey (report_id)
-- caller   casework.duplicates.candidates.find
INSERT INTO casework_clue AS stored (report_id, version, keys, said, kelurahan, looks)
SELECT item.report_id, decode(item.version, 'hex'), item.keys, item.said, item.kelurahan, item.looks
FROM jsonb_to_recordset(%(batch)s::jsonb) AS item (
    report_id bigint, version text, keys text[], said text[], kelurahan text, looks bigint[]
)
ORDER BY item.report_id
ON CONFLICT (report_id) DO UPDATE SET
    version = excluded.version, keys = excluded.keys, said = excluded.said,
    kelurahan = excluded.kelurahan, looks = excluded.looks
