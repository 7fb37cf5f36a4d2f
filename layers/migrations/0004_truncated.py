"""A table that is truncated tells so, too."""

from django.db import migrations

from layers.migrations._functions import DROP_TRUNCATED, TRUNCATED


class Migration(migrations.Migration):
    dependencies = [("layers", "0003_followed")]

    operations = [migrations.RunSQL(TRUNCATED, DROP_TRUNCATED)]
