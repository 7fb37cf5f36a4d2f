"""What channels sent is shown to no official: payloads hold other citizens' names; rows stay as they are."""

from django.db import migrations

NARROWED = """
ALTER TABLE ingest_payload ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_no_office ON ingest_payload
    USING (coalesce(current_setting('geoplatform.office', true), '') = '') WITH CHECK (true);
"""
NOT_NARROWED = """
DROP POLICY of_no_office ON ingest_payload;
ALTER TABLE ingest_payload DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("ingest", "0007_answer_pictures")]

    operations = [migrations.RunSQL(NARROWED, NOT_NARROWED)]
