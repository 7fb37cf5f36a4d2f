"""Who may make and revoke keys."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="apikey",
            options={
                "default_permissions": (),
                "permissions": [("manage_keys", "May make and revoke keys of the API")],
            },
        ),
    ]
