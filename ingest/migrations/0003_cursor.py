from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingest", "0002_run_simulated"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="cursor",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="run",
            name="retry_at",
            field=models.DateTimeField(null=True),
        ),
    ]
