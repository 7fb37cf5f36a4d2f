"""The steps of the pipeline at which a process can be made to stand still, and the work that leads there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drills import supply as work
from drills.stage import Stage
from drills.stops import Stop, at_brief, at_commit, at_key, at_mail, at_receiver, at_source, at_table

PLACEMENT = at_key("placement")
ADDSTREAM = "/lapor/api/stream/addstream"


@dataclass(frozen=True)
class Step:
    """Where a process stands still, and what leads there.

    ``supply`` makes the work before, ``tasks`` is what a worker is asked for, with ``news`` again and again.
    """

    stop: Stop
    tasks: tuple[str, ...] = ()
    supply: Callable[[Stage], None] = work.nothing
    news: Callable[[Stage], None] = work.nothing


def _fed(stop: Stop) -> Step:
    return Step(stop, ("ingest qlue",), news=work.news)


STORING: Mapping[str, Stop] = {
    "keep": at_table("ingest_payload", "-- keep"),
    "parse": PLACEMENT,
    "upsert": at_table("reports_report", "-- upsert"),
    "locate": at_table("boundaries_boundary", mode="ACCESS EXCLUSIVE"),
    "route": at_table("reports_assignment"),
    "touch": at_table("layers_revision"),
    "notify": at_commit(PLACEMENT, "reports_report"),
}
WEB: Mapping[str, Step] = {name: Step(stop) for name, stop in STORING.items()}
WORKER: Mapping[str, Step] = {
    "fetch": _fed(at_source("/qlue/")),
    **{name: _fed(stop) for name, stop in STORING.items()},
    "duplicates": Step(at_table("casework_clue"), ("find_duplicates",), work.reports),
    "case": Step(at_table("casework_case", "-- collect"), ("open_cases",), work.reports),
    "turn": Step(at_table("casework_turn"), ("open_cases",), work.reports),
    "escalation": Step(at_table("casework_escalation", "-- escalate"), ("escalate",), work.overdue),
    "escalated": Step(
        at_commit(at_table("casework_notice"), "casework_escalation"), ("escalate",), work.overdue
    ),
    "notice": Step(at_table("casework_notice"), ("send_notices",), work.escalated),
    "mail": Step(at_mail, ("send_notices",), work.escalated),
    "evidence": Step(at_table("casework_evidence"), ("send_notices",), work.escalated),
    "delivery": Step(at_table("subscriptions_delivery"), ("tell",), work.reports),
    "webhook": Step(at_receiver, ("tell",), work.reports),
    "outbox": Step(at_table("reports_outgoing"), ("deliver",), work.answers),
    "answer": Step(at_source(ADDSTREAM), ("deliver",), work.answers),
    "brief": Step(at_brief, ("write_brief",)),
}
