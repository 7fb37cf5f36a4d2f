"""The audit: lines that a trigger numbers and chains."""

from django.db import migrations, models

from access.migrations._audit import CHAIN, UNCHAIN


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_manage_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigIntegerField(db_default=0, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("by", models.TextField(blank=True)),
                ("action", models.TextField()),
                ("subject", models.TextField(blank=True)),
                ("address", models.TextField(blank=True)),
                ("agent", models.TextField(blank=True)),
                ("details", models.JSONField(db_default={})),
                ("hash", models.BinaryField(db_default=b"")),
            ],
            options={
                "permissions": [("view_audit", "May read the audit")],
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["subject", "id"], name="entry_of_subject"),
                    models.Index(fields=["by", "id"], name="entry_by"),
                ],
            },
        ),
        migrations.RunSQL(CHAIN, UNCHAIN),
    ]
