"""What was known of an instant of reports that others lead, or that lead others, stays so when they are there again."""

from django.db import migrations

from casework.migrations import _there_again as now


class Migration(migrations.Migration):
    dependencies = [("casework", "0072_as_closed")]

    operations = [
        migrations.RunSQL(now.MEMBERS, now.MEMBERS_FORMER),
        migrations.RunSQL(now.UNHEARD, now.UNHEARD_FORMER),
        migrations.RunSQL(now.JUDGED, now.JUDGED_FORMER),
    ]
