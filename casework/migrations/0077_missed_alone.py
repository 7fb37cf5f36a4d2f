"""Where reports are merged turns are looked up for the board that were missed, or answered late, and no others."""

from django.db import migrations

from casework.migrations import _missed_alone as now


class Migration(migrations.Migration):
    dependencies = [("casework", "0076_turn_closed_late")]

    operations = [
        migrations.RunSQL(now.UNHEARD, now.UNHEARD_FORMER),
        migrations.RunSQL(now.CARRIED, now.CARRIED_FORMER),
    ]
