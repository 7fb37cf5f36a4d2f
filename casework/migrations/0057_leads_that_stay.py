"""A case that leads a cluster is closed as a duplicate by a merge alone."""

from django.db import migrations

from casework.migrations._leading import DROP_KEPT, KEPT


class Migration(migrations.Migration):
    dependencies = [("casework", "0056_duplicates_that_stayed")]

    operations = [migrations.RunSQL(KEPT, DROP_KEPT)]
