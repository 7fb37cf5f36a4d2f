"""The board asks which feeds were silent when, past silences too."""

from django.db import migrations

from casework.migrations._board import JUDGED_BEFORE, SILENCES


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0017_problems"),
        ("layers", "0006_silences"),
    ]

    operations = [migrations.RunSQL(SILENCES, JUDGED_BEFORE)]
