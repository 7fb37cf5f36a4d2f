"""SQL of a migration; a changed one is a new migration."""

STAMPED = """
CREATE OR REPLACE TRIGGER stamped BEFORE INSERT OR UPDATE OF
    category_id, channel, status, submitted_at, point, kelurahan_code, placed_by, simulated{more}
ON reports_report FOR EACH ROW EXECUTE FUNCTION layers_stamp('reports');
"""
# A report without a point costs an entry more; all others cost nothing. Features that are kept by their
# revision also have a text: one that is changed by hand, by whoever asked for that, must not be shown again.
CREATE = f"""
CREATE INDEX report_unplaced ON reports_report (id) WHERE point IS NULL AND status <> 'withdrawn';
{STAMPED.format(more=", updated_at, public_text")}
"""
DROP = f"""
{STAMPED.format(more="")}
DROP INDEX report_unplaced;
"""
CREATE_PUBLIC = """
DROP INDEX report_unplaced;
CREATE INDEX report_unplaced ON reports_report (id)
    WHERE coalesce(public_point, point) IS NULL AND status <> 'withdrawn';
"""
DROP_PUBLIC = """
DROP INDEX report_unplaced;
CREATE INDEX report_unplaced ON reports_report (id) WHERE point IS NULL AND status <> 'withdrawn';
"""
