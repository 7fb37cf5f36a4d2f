"""What work lists look for in cases."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0004_offices_of_the_province"),
        ("casework", "0011_personal"),
    ]

    operations = [
        migrations.CreateModel(
            name="Weight",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "part",
                    models.TextField(
                        choices=[
                            ("category", "category"),
                            ("age", "age"),
                            ("crowd", "crowd"),
                            ("flood_now", "flood_now"),
                            ("overdue", "overdue"),
                            ("disputed", "disputed"),
                        ]
                    ),
                ),
                ("key", models.TextField()),
                ("points", models.PositiveSmallIntegerField()),
                ("most", models.PositiveSmallIntegerField(null=True)),
                ("why", models.TextField()),
                ("source", models.TextField()),
            ],
        ),
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(
                condition=models.Q(("ended_at", None), ("office", None)),
                fields=["hop", "case"],
                name="turn_of_unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="weight",
            constraint=models.UniqueConstraint(fields=("part", "key"), name="weight_identity"),
        ),
        migrations.AddConstraint(
            model_name="weight",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("why", ""), _negated=True), models.Q(("source", ""), _negated=True)
                ),
                name="weight_has_a_reason",
            ),
        ),
    ]
