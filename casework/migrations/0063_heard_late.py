"""A turn that began by a dispute on a channel is due by when we heard of it; those that were stored have one time."""

from django.db import migrations

from casework.migrations._heard import FORMER, RECKONED


class Migration(migrations.Migration):
    dependencies = [("casework", "0062_chosen_of_what_is_proposed")]

    operations = [migrations.RunSQL(RECKONED, FORMER)]
