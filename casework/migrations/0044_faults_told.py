"""Whether the unit was told of a fault: what was found while it had no address is told when it has one.

Faults of old that last are told with the next run, once: they were found before any was told by e-mail.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0043_succeeded_by_nobody"),
    ]

    operations = [
        migrations.AddField(
            model_name="fault",
            name="told_at",
            field=models.DateTimeField(null=True),
        ),
    ]
