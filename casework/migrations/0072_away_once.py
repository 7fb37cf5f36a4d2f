"""What had ended at an instant, and goes on since, is told by another turn again: 0069 had lost it."""

from django.db import migrations

from casework.migrations import _ahead, _away_once


class Migration(migrations.Migration):
    dependencies = [("casework", "0071_parted")]

    operations = [migrations.RunSQL(_away_once.CARRIED, _ahead.CARRIED)]
