"""The turns of a time are judged in the order in which the board groups them; what is said of them stays."""

from django.db import migrations

from casework.migrations._in_order import FORMER, JUDGED


class Migration(migrations.Migration):
    dependencies = [("casework", "0053_decided_years")]

    operations = [migrations.RunSQL(JUDGED, FORMER)]
