-- simulated: whether anything that the map shows comes from the simulated city.
--
-- returns  boolean, one row
-- index    report_simulated, alert_simulated, jam_simulated, irregularity_simulated, poi_simulated: partial,
--          of simulated rows only
-- caller   api.map.about
SELECT EXISTS (SELECT FROM reports_report AS report WHERE report.simulated)
    OR EXISTS (SELECT FROM layers_alert AS alert WHERE alert.simulated AND alert.closed_at IS NULL)
    OR EXISTS (SELECT FROM layers_jam AS jam WHERE jam.simulated AND jam.closed_at IS NULL)
    OR EXISTS (SELECT FROM layers_irregularity AS irregularity WHERE irregularity.simulated AND irregularity.closed_at IS NULL)
    OR EXISTS (SELECT FROM layers_poi AS poi WHERE poi.simulated AND poi.closed_at IS NULL)
