"""What each of the staff may do with cases."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0005_rules_and_turns"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="case",
            options={
                "permissions": [
                    ("triage", "May select cases, propose, and close what is no case"),
                    ("decide", "May choose an alternative and assign it"),
                    ("answer", "May answer and resolve the cases of an office"),
                    ("dispute", "May dispute that a case is resolved"),
                    ("supervise", "May undo what others closed or disputed"),
                    ("follow", "May take over what a channel says: the platform itself"),
                    ("see_all", "May see the cases of every office, and not of the own one alone"),
                    (
                        "view_personal",
                        "May see contacts and unmasked words of citizens; each look is recorded",
                    ),
                    ("export_personal", "May take them out of the platform; each export is recorded"),
                    ("view_board", "May see who answered and who did not"),
                    ("manage_rules", "May change rules, deadlines, ladders and holidays"),
                ]
            },
        ),
    ]
