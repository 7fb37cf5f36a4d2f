"""Who wrote a report: sealed, apart from it."""

from django.db import migrations, models

from reports.migrations._forgetting import FORGETTABLE, UNFORGETTABLE


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0013_answer_photos"),
    ]

    operations = [
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.TextField()),
                ("external_id", models.TextField()),
                ("sealed", models.BinaryField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("channel", "external_id"), name="report_contact_identity")
                ],
            },
        ),
        migrations.RunSQL(FORGETTABLE, UNFORGETTABLE),
    ]
