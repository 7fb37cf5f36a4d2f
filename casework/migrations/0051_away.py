"""The board of an instant knows what had ended then, though it goes on since; no row is changed."""

from django.db import migrations

from casework.migrations._away import AWAY, CARRIED, CARRIED_BEFORE, JUDGED, JUDGED_BEFORE, NOT_AWAY


class Migration(migrations.Migration):
    dependencies = [("casework", "0050_change_undone")]

    operations = [
        migrations.RunSQL(AWAY, NOT_AWAY),
        migrations.RunSQL(CARRIED, CARRIED_BEFORE),
        migrations.RunSQL(JUDGED, JUDGED_BEFORE),
    ]
