"""When the clock of a turn stood still is asked for in one place: by the ladder, and before each notice."""

from django.db import migrations

from casework.migrations._stood import NOT_STOOD, STOOD


class Migration(migrations.Migration):
    dependencies = [("casework", "0074_disputed_at_once")]

    operations = [migrations.RunSQL(STOOD, NOT_STOOD)]
