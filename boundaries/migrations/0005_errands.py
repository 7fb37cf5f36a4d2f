"""What staff asks for and a worker does to boundaries; who may ask."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0004_offices_of_the_province"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="edition",
            options={
                "permissions": [
                    ("manage_boundaries", "May load editions of boundaries and put them in force"),
                    ("manage_officials", "May say who holds which office when, and where they are told"),
                ]
            },
        ),
        migrations.CreateModel(
            name="Errand",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.TextField(choices=[("load", "Load"), ("activate", "Put in force")])),
                ("by", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("said", models.JSONField()),
                ("content", models.BinaryField(null=True)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                    ),
                ),
                ("step", models.TextField(blank=True)),
                ("done", models.PositiveIntegerField(default=0)),
                ("of", models.PositiveIntegerField(default=0)),
                ("began_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("result", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True)),
                (
                    "edition",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to="boundaries.edition"
                    ),
                ),
            ],
        ),
    ]
