"""The governor's office and the dinas are offices of the province."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0003_border_distance"),
    ]

    operations = [
        migrations.AlterField(
            model_name="office",
            name="level",
            field=models.TextField(
                choices=[
                    ("kelurahan", "Kelurahan"),
                    ("kecamatan", "Kecamatan"),
                    ("kota", "Kota"),
                    ("provinsi", "Provinsi"),
                ]
            ),
        ),
    ]
