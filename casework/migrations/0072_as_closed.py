"""What a merge had closed at an instant stays so, though its channel answered in the meantime."""

from django.db import migrations

from casework.migrations import _as_closed


class Migration(migrations.Migration):
    dependencies = [("casework", "0071_parted")]

    operations = [
        migrations.RunSQL(_as_closed.JUDGED, _as_closed.JUDGED_FORMER),
        migrations.RunSQL(_as_closed.CARRIED, _as_closed.CARRIED_FORMER),
    ]
