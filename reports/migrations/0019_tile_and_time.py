"""Reports of a place are found by when they came as well, without reading those of all years."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0018_bounced")]

    operations = [
        migrations.RemoveIndex(model_name="report", name="report_tile"),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("tile_key__isnull", False)),
                fields=["tile_key", "submitted_at"],
                name="report_tile",
            ),
        ),
    ]
