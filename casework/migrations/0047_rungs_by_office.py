"""An index of rungs in the order in which the board groups them; rows stay as they are."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("casework", "0046_turns_by_office")]

    operations = [
        AddIndexConcurrently(
            model_name="escalation",
            index=models.Index(
                fields=["turn_office", "turn_official", "number"],
                include=["turn_began_at", "at"],
                name="escalation_by_office",
            ),
        ),
    ]
