"""What is there again when its merge is undone speaks for its next lead, though it was deleted while it was merged."""

from django.db import migrations

from casework.migrations import _merged_anew as now


class Migration(migrations.Migration):
    dependencies = [("casework", "0077_missed_alone")]

    operations = [
        migrations.RunSQL(now.MEMBERS, now.MEMBERS_FORMER),
        migrations.RunSQL(now.UNHEARD, now.UNHEARD_FORMER),
    ]
