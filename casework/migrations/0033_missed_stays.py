"""A missed deadline stays missed, what came answered is no answer, and the unit's own turns are judged.

Derived, all of it: rows stay as they are, and the board of an earlier instant is judged by this from now on.
"""

from django.db import migrations

from casework.migrations._board import SILENCES
from casework.migrations._missed import CARRIED, DROP_CARRIED, DROP_SILENT, JUDGED, SILENT


class Migration(migrations.Migration):
    dependencies = [("casework", "0032_deadlines_of_turns")]

    operations = [
        migrations.RunSQL(CARRIED, DROP_CARRIED),
        migrations.RunSQL(SILENT, DROP_SILENT),
        migrations.RunSQL(JUDGED, SILENCES),
    ]
