"""Turns that are not due yet are told without judging them, and clusters are followed once in each statement."""

from django.db import migrations

from casework.migrations import _ahead


class Migration(migrations.Migration):
    dependencies = [("casework", "0068_spoken")]

    operations = [
        migrations.RunSQL(_ahead.JUDGED, _ahead.JUDGED_FORMER),
        migrations.RunSQL(_ahead.CARRIED, _ahead.CARRIED_FORMER),
        migrations.RunSQL(_ahead.PROBLEMS, _ahead.PROBLEMS_FORMER),
    ]
