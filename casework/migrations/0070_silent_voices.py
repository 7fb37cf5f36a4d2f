"""Silent channels that may speak for cases are asked for by case, and for the board by the turns that were due then."""

from django.db import migrations

from casework.migrations import _silent_voices as now
from casework.migrations._voices import SILENT_MEMBERS


class Migration(migrations.Migration):
    dependencies = [("casework", "0069_ahead")]

    operations = [
        migrations.RunSQL(now.VOICES + now.SILENT_MEMBERS, now.DROP),
        migrations.RunSQL(now.DROP_UNHEARD + now.UNHEARD, now.UNHEARD_FORMER),
        migrations.RunSQL(now.DROP_MEMBERS, SILENT_MEMBERS),
        migrations.RunSQL(now.JUDGED, now.JUDGED_BEFORE),
    ]
