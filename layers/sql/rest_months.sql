-- rest_months: the past months of reports that no partition was made for, and that are to have one.
--
-- params   %(at)s instant; %(since)s instant from when on; null: from the first
-- returns  parent text, month timestamptz
-- index    none: the rest is small
-- caller   layers.partitions.make_months
SELECT DISTINCT waiting.parent, date_trunc('month', waiting.reported_at, 'UTC') AS month
FROM (
    SELECT 'layers_alert' AS parent, alert.reported_at FROM layers_alert_rest AS alert
    UNION ALL
    SELECT 'layers_jam', jam.reported_at FROM layers_jam_rest AS jam
    UNION ALL
    SELECT 'layers_irregularity', irregularity.reported_at FROM layers_irregularity_rest AS irregularity
) AS waiting
WHERE waiting.reported_at < %(at)s::timestamptz
  AND (%(since)s::timestamptz IS NULL OR waiting.reported_at >= %(since)s::timestamptz)
ORDER BY 1, 2
