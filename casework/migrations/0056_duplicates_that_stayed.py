"""A case stayed a duplicate where no step leads from there: the same cases, found by their own index."""

from django.db import migrations

from casework.migrations._in_order import PROBLEMS, PROBLEMS_FORMER


class Migration(migrations.Migration):
    dependencies = [("casework", "0055_duplicates_by_index")]

    operations = [migrations.RunSQL(PROBLEMS, PROBLEMS_FORMER)]
