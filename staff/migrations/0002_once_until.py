"""A password that somebody else has set lets in for a while, to choose one's own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="once_until",
            field=models.DateTimeField(null=True),
        ),
    ]
