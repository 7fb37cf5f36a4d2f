"""Which feeds were silent when: kept when they are heard again."""

from django.db import migrations, models

from layers.migrations._functions import DROP_SILENCES, SILENCES


class Migration(migrations.Migration):
    dependencies = [("layers", "0005_context")]

    operations = [
        migrations.CreateModel(
            name="Silence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("feed", models.TextField()),
                ("since", models.DateTimeField()),
                ("known_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["feed", "until"], name="silence_until")],
                "constraints": [
                    models.UniqueConstraint(fields=["feed", "known_at"], name="silence_identity"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("known_at__lte", models.F("until")), ("since__lt", models.F("known_at"))
                        ),
                        name="silence_is_in_order",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SILENCES, DROP_SILENCES),
    ]
