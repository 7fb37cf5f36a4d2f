"""When a mail to a citizen came back; of the contacts that are known none did."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0017_moved")]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="bounced_at",
            field=models.DateTimeField(null=True),
        ),
    ]
