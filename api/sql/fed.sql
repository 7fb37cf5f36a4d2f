-- fed: which kinds of rows each feed has brought, so that a map knows what its silence means.
--
-- returns  feed; kinds text[], as in layers.record.Kind, or reports
-- index    alert_last, jam_last, irregularity_last, poi_last (feed, last_at); report_identity (channel, ...)
-- caller   api.feeds.fed
SELECT state.feed, array_remove(ARRAY[
    CASE WHEN EXISTS (SELECT FROM layers_alert AS alert WHERE alert.feed = state.feed) THEN 'alerts' END,
    CASE WHEN EXISTS (SELECT FROM layers_jam AS jam WHERE jam.feed = state.feed) THEN 'jams' END,
    CASE WHEN EXISTS (
        SELECT FROM layers_irregularity AS irregularity WHERE irregularity.feed = state.feed
    ) THEN 'irregularities' END,
    CASE WHEN EXISTS (SELECT FROM layers_poi AS poi WHERE poi.feed = state.feed) THEN 'pois' END,
    CASE WHEN EXISTS (SELECT FROM reports_report AS report WHERE report.channel = state.feed) THEN 'reports' END
], NULL) AS kinds
FROM layers_feedstate AS state
