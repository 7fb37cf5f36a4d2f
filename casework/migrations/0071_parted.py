"""An answer that a report gave which was merged wrongly goes with it, where another word is left."""

from django.db import migrations

from casework.migrations import _parted


class Migration(migrations.Migration):
    dependencies = [("casework", "0070_silent_voices")]

    operations = [
        migrations.RunSQL(_parted.GUARD, _parted.GUARD_FORMER),
        migrations.RunSQL(_parted.CHECK, _parted.CHECK_FORMER),
    ]
