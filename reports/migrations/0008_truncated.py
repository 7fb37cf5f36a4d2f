"""Reports that are truncated leave the map."""

from django.db import migrations

from reports.migrations._functions import NOT_TRUNCATED, TRUNCATED


class Migration(migrations.Migration):
    dependencies = [("layers", "0004_truncated"), ("reports", "0007_placement")]

    operations = [migrations.RunSQL(TRUNCATED, NOT_TRUNCATED)]
