"""Which cases were closed as duplicates and stayed so is told by two indexes; rows stay as they are."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("casework", "0054_in_order")]

    operations = [
        RemoveIndexConcurrently(model_name="change", name="change_to_duplicate"),
        AddIndexConcurrently(
            model_name="change",
            index=models.Index(
                fields=["case"],
                name="change_to_duplicate",
                include=["id", "at", "permission"],
                condition=models.Q(to_state="duplicate"),
            ),
        ),
        AddIndexConcurrently(
            model_name="change",
            index=models.Index(
                fields=["case", "id"],
                name="change_from_duplicate",
                include=["at"],
                condition=models.Q(from_state="duplicate"),
            ),
        ),
    ]
