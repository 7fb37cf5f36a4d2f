"""What was due while a channel was silent that may speak for its case is no data, on the board too."""

from django.db import migrations

from casework.migrations._voices import FORMER, JUDGED, NO_VOICES, VOICES


class Migration(migrations.Migration):
    dependencies = [("casework", "0063_heard_late")]

    operations = [migrations.RunSQL(VOICES, NO_VOICES), migrations.RunSQL(JUDGED, FORMER)]
