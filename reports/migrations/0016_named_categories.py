"""Names of categories that staff changed are left by the shipped table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0015_work_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="category",
            name="named_at",
            field=models.DateTimeField(null=True),
        ),
    ]
