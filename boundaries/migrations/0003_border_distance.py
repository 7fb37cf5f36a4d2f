"""The distance from a border is measured to its nearest point: three times as fast."""

from django.db import migrations

from boundaries.migrations._functions import PLACE_ANEW, PLACE_TO_NEAREST_POINT


class Migration(migrations.Migration):
    dependencies = [("boundaries", "0002_lean_place_index")]

    operations = [migrations.RunSQL(PLACE_TO_NEAREST_POINT, PLACE_ANEW)]
