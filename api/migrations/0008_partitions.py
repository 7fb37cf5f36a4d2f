"""The views of traffic anew: they go on to read the tables by the name that they have, whatever lies below it."""

from django.db import migrations

from api.migrations._views import ALERTS, IRREGULARITIES, JAMS

ANEW = "".join(
    view.replace("CREATE VIEW", "CREATE OR REPLACE VIEW") for view in (ALERTS, JAMS, IRREGULARITIES)
)


class Migration(migrations.Migration):
    dependencies = [("api", "0007_hospitals"), ("layers", "0008_partitioned")]

    operations = [migrations.RunSQL(ANEW, migrations.RunSQL.noop)]
