"""An index of steps that were undone: what an instant knew of them is asked by the board; rows stay as they are."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("casework", "0049_clusters_read_once")]

    operations = [
        AddIndexConcurrently(
            model_name="change",
            index=models.Index(
                fields=["at"],
                name="change_undone",
                include=["case", "id"],
                condition=models.Q(permission="undo"),
            ),
        ),
    ]
