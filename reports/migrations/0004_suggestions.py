"""What the words of reports may mean."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0002_lean_place_index"),
        ("reports", "0003_outgoing"),
    ]

    operations = [
        migrations.CreateModel(
            name="Suggestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rank", models.SmallIntegerField()),
                (
                    "level",
                    models.TextField(
                        choices=[("kelurahan", "Kelurahan"), ("kecamatan", "Kecamatan"), ("kota", "Kota")]
                    ),
                ),
                ("code", models.TextField()),
                ("score", models.FloatField()),
                ("words", models.JSONField()),
                ("spans", models.JSONField()),
            ],
        ),
        migrations.AddField(
            model_name="report",
            name="by_rule",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name="report",
            name="words_read_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("point__isnull", True), ("words_read_at__isnull", True)),
                fields=["id"],
                name="report_unread_words",
            ),
        ),
        migrations.AddField(
            model_name="suggestion",
            name="edition",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="boundaries.edition"),
        ),
        migrations.AddField(
            model_name="suggestion",
            name="report",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="reports.report"),
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.UniqueConstraint(fields=("report", "rank"), name="suggestion_identity"),
        ),
    ]
