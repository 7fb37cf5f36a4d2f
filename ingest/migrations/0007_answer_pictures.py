"""Pictures of answers that are still to be fetched."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingest", "0006_waiting"),
        ("reports", "0013_answer_photos"),
    ]

    operations = [
        migrations.CreateModel(
            name="AnswerPicture",
            fields=[
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="reports.sourceupdate",
                    ),
                ),
                ("attempts", models.SmallIntegerField(db_default=0)),
                ("next_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("error", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)),
                        fields=["next_at"],
                        name="answer_picture_waiting",
                    )
                ],
            },
        ),
    ]
