"""What the city says to citizens, on its way to their channels."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0002_words_areas_photos"),
    ]

    operations = [
        migrations.CreateModel(
            name="Outgoing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.TextField()),
                ("external_id", models.TextField()),
                ("kind", models.TextField(choices=[("answer", "Answer"), ("status", "Status")])),
                ("digest", models.BinaryField()),
                ("body", models.JSONField()),
                ("created_at", models.DateTimeField()),
                ("attempts", models.IntegerField(default=0)),
                ("next_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("reference", models.TextField(blank=True)),
                ("dead_at", models.DateTimeField(null=True)),
                ("error", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("dead_at", None), ("sent_at", None)),
                        fields=["channel", "next_at"],
                        name="outgoing_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("channel", "external_id", "kind", "digest"), name="outgoing_identity"
                    )
                ],
            },
        ),
    ]
