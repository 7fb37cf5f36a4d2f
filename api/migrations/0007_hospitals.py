"""Hospitals for analysts, as the other points of interest."""

from django.db import migrations

from api.migrations._views import POI_COLUMNS, POIS

COMMENTS = "\n".join(
    f"COMMENT ON COLUMN analyst.hospitals.{name} IS $${said}$$;" for name, said in POI_COLUMNS.items()
)
CREATE = f"""
{POIS.format(name="hospitals", kinds="'hospital'")}
COMMENT ON VIEW analyst.hospitals IS 'Hospitals';
{COMMENTS}
"""


class Migration(migrations.Migration):
    dependencies = [("api", "0006_said_text"), ("layers", "0005_context")]

    operations = [migrations.RunSQL(CREATE, "DROP VIEW analyst.hospitals;")]
