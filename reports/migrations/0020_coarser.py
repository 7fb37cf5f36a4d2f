"""Where people put the pin of a sensitive report loses digits with its citizen; rows stay as they are until then."""

from django.db import migrations

from reports.migrations._coarser import COARSER, NOT_COARSER


class Migration(migrations.Migration):
    dependencies = [("reports", "0019_tile_and_time")]

    operations = [migrations.RunSQL(COARSER, NOT_COARSER)]
