"""An index of turns in the order in which the board groups them, with all that it asks; rows stay as they are."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("casework", "0045_evidence_withdrawn")]

    operations = [
        AddIndexConcurrently(
            model_name="turn",
            index=models.Index(
                fields=["office", "official", "began_at"],
                include=[
                    "id",
                    "case",
                    "number",
                    "acting",
                    "due_at",
                    "due_is_sure",
                    "answered_at",
                    "ended_at",
                    "ended_by",
                ],
                name="turn_by_office",
            ),
        ),
    ]
