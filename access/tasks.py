"""What the worker does for the audit: each night it computes the chain anew."""

from procrastinate.contrib.django import app

from access import audit
from geoplatform.errors import Conflict


@app.periodic(cron="23 20 * * *")  # 03:23 in the city
@app.task(queueing_lock="audit", pass_context=False)
def verify_audit(timestamp: int) -> None:
    """Each night: say where the audit was tampered with; the job fails then, which an alarm tells."""
    if faults := audit.faults():
        raise Conflict(f"the audit does not hold: {'; '.join(faults)}")
