"""An index of what was withdrawn: each run looks whether it is so again; rows stay as they are."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("casework", "0044_faults_told")]

    operations = [
        AddIndexConcurrently(
            model_name="evidence",
            index=models.Index(
                fields=["note", "escalation"],
                name="evidence_withdrawn",
                condition=models.Q(kind="withdrawn"),
            ),
        ),
    ]
