"""An index of turns that were closed behind their deadline, which are few: by them problems are looked for."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("casework", "0075_stood")]

    operations = [
        AddIndexConcurrently(
            model_name="turn",
            index=models.Index(
                fields=["case"],
                name="turn_closed_late",
                condition=models.Q(ended_by="closed", due_at__lt=models.F("ended_at")),
            ),
        ),
    ]
