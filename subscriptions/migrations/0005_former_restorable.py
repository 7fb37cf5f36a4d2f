"""The trigger that keeps what a report was, in words that a dump can be restored from: no row is touched.

``IS DISTINCT FROM`` of geometries is written into a dump without the schema of its operator, which a restore, and
so ``pg_upgrade``, does not find: the trigger was missing afterwards. Of points the bytes tell as much.
"""

from django.db import migrations

TRIGGER = """
CREATE OR REPLACE TRIGGER former AFTER UPDATE OF category_id, status, point, kelurahan_code ON reports_report
    FOR EACH ROW WHEN (
        OLD.status <> 'withdrawn' AND (
            NEW.status = 'withdrawn'
            OR OLD.category_id <> NEW.category_id
            OR OLD.kelurahan_code IS DISTINCT FROM NEW.kelurahan_code
            OR coalesce(OLD.public_point, OLD.point)::bytea
                IS DISTINCT FROM coalesce(NEW.public_point, NEW.point)::bytea
        )
    )
    EXECUTE FUNCTION subscriptions_keep_former();
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0004_rows")]

    operations = [migrations.RunSQL(TRIGGER, migrations.RunSQL.noop)]
