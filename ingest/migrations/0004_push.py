"""The signatures of documents that were pushed lately."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingest", "0003_cursor")]

    operations = [
        migrations.CreateModel(
            name="Push",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("feed", models.TextField()),
                ("signature", models.BinaryField(unique=True)),
                ("received_at", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
