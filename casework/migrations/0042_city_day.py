"""Functions and triggers know the city's time zone from one place; what they say stays, and so do all rows."""

from django.db import migrations

from casework.migrations._settled import CITY_DAYS, ZONED


class Migration(migrations.Migration):
    dependencies = [("casework", "0041_settled")]

    operations = [migrations.RunSQL(CITY_DAYS, ZONED)]
