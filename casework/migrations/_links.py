"""SQL and code of the migration on links; a changed one is a new migration."""

import hashlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.signing import Signer
from django.utils import timezone

SALT = "casework.dispute"
BATCH = 2000

FORGETTABLE = """
-- Mails to who wrote a report are forgotten, too.
DROP TRIGGER kept ON casework_notice;
CREATE TRIGGER kept BEFORE DELETE ON casework_notice
    FOR EACH ROW WHEN (OLD.channel NOT IN ('watch', 'reply')) EXECUTE FUNCTION reports_refuse_change();
"""
UNFORGETTABLE = """
DROP TRIGGER kept ON casework_notice;
CREATE TRIGGER kept BEFORE DELETE ON casework_notice
    FOR EACH ROW WHEN (OLD.channel <> 'watch') EXECUTE FUNCTION reports_refuse_change();
"""


def take_over(apps: Any, schema_editor: Any) -> None:
    """Make links of the tokens that people have, and take these out of messages."""
    outgoing, report = apps.get_model("reports", "Outgoing"), apps.get_model("reports", "Report")
    ids, found = set(), outgoing.objects.filter(body__has_key="below").order_by("id")
    for message in found.iterator(BATCH):
        words, _, link = message.body["below"].partition(": ")
        id = int(link.rpartition("/")[2].partition(":")[0])
        if message.sent_at:
            ids.add(id)
        message.body["below"] = {"words": words, "report": id}
        message.save(update_fields=["body"])
    ids.update(report.objects.filter(channel="web").values_list("id", flat=True))
    known = report.objects.filter(id__in=ids, anonymised=None).order_by("id").values_list("id", flat=True)
    apps.get_model("casework", "Link").objects.bulk_create(_links(apps, known), BATCH)


def _links(apps: Any, ids: Any) -> Any:
    link, signer, at = apps.get_model("casework", "Link"), Signer(salt=SALT), timezone.now()
    for id in ids:
        yield link(
            report_id=id,
            digest=hashlib.sha256(signer.sign(str(id)).encode()).digest(),
            made_at=at,
            expires_at=at + timedelta(days=settings.LINK_DAYS),
        )
