"""A turn at the top of its ladder is looked at again when its report becomes one of another category."""

from django.db import migrations

from casework.migrations._another_ladder import NO_OTHER, OTHER


class Migration(migrations.Migration):
    dependencies = [("casework", "0060_merged_wrongly")]

    operations = [migrations.RunSQL(OTHER, NO_OTHER)]
