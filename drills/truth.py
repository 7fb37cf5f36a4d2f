"""What is true afterwards: each thing that the sources said, once, and all that follows from it, once."""

from typing import Any

from drills.city import FEEDS, City
from drills.load import Sender
from drills.outcome import Outcome
from fixtures.sources.lapor import received

# Rows that say the same thing twice.
DOUBLED = {
    "payloads": "SELECT count(*) - count(DISTINCT (feed, digest)) FROM ingest_payload",
    "reports": "SELECT count(*) - count(DISTINCT (channel, external_id)) FROM reports_report",
    "updates": """
        SELECT count(*) - count(DISTINCT (channel, external_id, at, status, note))
          FROM reports_sourceupdate""",
    "turns": """
        SELECT count(*) - count(DISTINCT case_id) FROM casework_turn
         WHERE began_at IS NOT NULL AND ended_at IS NULL""",
    "changes": """
        SELECT count(*) - count(DISTINCT (case_id, from_state_id, to_state_id, at)) FROM casework_change""",
    "escalations": "SELECT count(*) - count(DISTINCT (turn_id, number)) FROM casework_escalation",
    "notices": """
        SELECT count(*) - count(DISTINCT (notice.address, told.escalation_id))
          FROM casework_notice AS notice
          JOIN casework_notice_escalations AS told ON told.notice_id = notice.id
         WHERE notice.withdrawn_at IS NULL""",
}
# Rows without what must follow from them.
LOST = {
    "reports without a case": """
        SELECT count(*) FROM reports_report AS report
         WHERE report.status <> 'withdrawn'
           AND NOT EXISTS (SELECT FROM casework_case WHERE report_id = report.id)""",
    "escalations that nobody is told of": """
        SELECT count(*) FROM casework_escalation AS rung
         WHERE NOT rung.is_vacant
           AND NOT EXISTS (SELECT FROM casework_notice_escalations WHERE escalation_id = rung.id)
           AND NOT EXISTS (
               SELECT FROM casework_evidence WHERE escalation_id = rung.id AND kind = 'failed')""",
    "payloads that wait": "SELECT count(*) FROM ingest_waiting",
    "reports nobody was told of": """
        SELECT count(*) FROM reports_report AS report WHERE NOT (report.id = ANY (%(told)s))""",
}
HELD = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND state LIKE 'idle in transaction%%' AND pid <> pg_backend_pid()
"""


def look(alive: City, sender: Sender) -> Outcome:
    """Compare what the city said, and what it was told, with what is stored."""
    from casework.brief import forms
    from casework.models import Notice
    from reports.models import Outgoing, Report

    found = Outcome()
    stored = set(Report.objects.filter(channel="balai_warga").values_list("external_id", flat=True))
    pushed = {one.split(":")[-1] for one in stored}
    note(found, "lost", "pushes acknowledged and not stored", len(sender.acknowledged - pushed))
    for name in FEEDS:
        note(found, "lost", f"items of {name} not stored", missing(name))
    for what, statement in LOST.items():
        note(found, "lost", what, count(statement, {"told": sorted(alive.receiver.told)}))
    for what, statement in DOUBLED.items():
        note(found, "doubled", what, count(statement))
    sent = {str(number) for number in Notice.objects.exclude(sent_at=None).values_list("number", flat=True)}
    note(found, "lost", "notices that never came", len(sent - set(alive.mails.taken)))
    came = received(alive.sources.requests)
    owed = {bytes(digest).hex()[:32] for digest in Outgoing.objects.values_list("digest", flat=True)}
    note(found, "lost", "answers that never came", len(owed - set(came)))
    note(found, "lost", "forms of the brief", len(forms.FORMS) - len(forms.kept()))
    found.expect(not count(HELD), "transactions are left open")
    found.figures |= {
        "reports": Report.objects.count(),
        "pushed": len(sender.acknowledged),
        "mails": len(alive.mails.taken),
        "mails_again": alive.mails.taken.total() - len(alive.mails.taken),
        "answers": len(came),
        "answers_again": sum(map(len, came.values())) - len(came),
        "jobs_left": count("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"),
        "webhooks": len(alive.receiver.taken),
        "webhooks_again": alive.receiver.taken.total() - len(alive.receiver.taken),
    }
    return found


def note(found: Outcome, kind: str, what: str, number: int) -> None:
    """Count what is lost or doubled, and say what it is."""
    if number:
        setattr(found, kind, getattr(found, kind) + number)
        found.figures[f"{kind}: {what}"] = number


def missing(feed: str) -> int:
    """Read a feed once more, undisturbed; returns how many of its items were not there."""
    from datetime import timedelta

    from django.utils import timezone

    from ingest import pipeline

    return pipeline.run(feed, since=timezone.now() - timedelta(days=1)).new


def count(statement: str, params: dict[str, Any] | None = None) -> int:
    """Return the one number that a statement gives."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, params or {})
        (number,) = cursor.fetchone()
    return int(number)
