"""A deadline of whole days is that of who held the office on its last day, and not on the day behind it.

Turns of old, and the rungs that they reached, are given to them where that is another day; all others stay.
"""

from django.db import migrations

from casework.migrations._settled import FILL, NOT_SETTLED, SETTLED


class Migration(migrations.Migration):
    dependencies = [("casework", "0040_addressed")]

    operations = [
        migrations.RunSQL(SETTLED, NOT_SETTLED),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
