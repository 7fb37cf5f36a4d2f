"""SQL of a migration; a changed one is a new migration."""

REPORTS = """
CREATE OR REPLACE VIEW analyst.reports AS
SELECT report.id, {geom} AS geom, report.category_id AS category, report.status, report.channel,
    report.public_text AS text, report.submitted_at, report.updated_at,
    report.kelurahan_code AS kelurahan, left(report.kelurahan_code, 8) AS kecamatan,
    left(report.kelurahan_code, 5) AS kota, report.placed_by, report.office_id AS office, report.simulated
FROM reports_report AS report
WHERE report.status <> 'withdrawn';
COMMENT ON COLUMN analyst.reports.geom IS 'point, EPSG:4326{said}; null where the citizen gave none';
"""
CREATE = REPORTS.format(
    geom="coalesce(report.public_point, report.point)", said="; rounded where the category is sensitive"
)
DROP = REPORTS.format(geom="report.point", said="")
