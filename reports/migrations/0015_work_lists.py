"""What work lists look for: open reports without a place, near a border, and alike."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0004_offices_of_the_province"),
        ("reports", "0014_personal"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="report",
            name="report_open",
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("kelurahan_code__isnull", True)), fields=["id"], name="report_placeless"
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("border_m__lte", 25.0)), fields=["id"], name="report_border"
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["category", "kelurahan_code"], name="report_alike"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("status__in", ["done", "withdrawn"]), _negated=True),
                fields=["channel", "asked_at"],
                include=("id",),
                name="report_open",
            ),
        ),
    ]
