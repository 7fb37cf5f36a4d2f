"""An index of what failed: each run looks whether there is an address by now; rows stay as they are."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("casework", "0066_distances_forgotten")]

    operations = [
        AddIndexConcurrently(
            model_name="evidence",
            index=models.Index(
                fields=["note", "escalation"],
                name="evidence_failed",
                condition=models.Q(kind="failed"),
            ),
        ),
    ]
