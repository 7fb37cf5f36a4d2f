"""An answer is evidence for the rungs before it when it comes; what no run has written yet is written now."""

from django.db import migrations

from casework.migrations._clocks import NOT_TOLD_ANSWERED, TOLD_ANSWERED


class Migration(migrations.Migration):
    dependencies = [("casework", "0037_rows")]

    operations = [migrations.RunSQL(TOLD_ANSWERED, NOT_TOLD_ANSWERED)]
