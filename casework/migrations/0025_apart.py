"""A person may say of a candidate that it is two problems."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0024_turns_of_officials")]

    operations = [
        migrations.AddField(
            model_name="duplicatecandidate",
            name="apart_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="duplicatecandidate",
            name="apart_by",
            field=models.TextField(blank=True, db_default=""),
        ),
    ]
