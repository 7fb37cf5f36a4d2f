"""What the worker does for casework."""

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from casework.brief import forms
from casework.citizens import bulletins, replies, watching
from casework.clock import dues
from casework.duplicates import candidates
from casework.escalation import notices, runs
from casework.routing import answerable, checks, turns
from casework.steps import proof, workflow
from geoplatform import sql

DAYS = 30  # what was reported earlier is no news when it arrives
MOST = 20_000  # reports a minute


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="duplicates", pass_context=False)
def find_duplicates(timestamp: int) -> None:
    """Each minute: look for the duplicates of what runs and pushes brought of late."""
    _find(after=candidates.recent(), most=MOST)


@app.periodic(cron="41 19 * * *")  # 02:41 in the city
@app.task(queueing_lock="all duplicates", pass_context=False)
def find_all_duplicates(timestamp: int) -> None:
    """Each night: look for those of what came while no worker ran, or was edited later."""
    _find(after=0, most=None)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="cases", pass_context=False)
def open_cases(timestamp: int) -> None:
    """Each minute: open a case for each report of late and say whose turn it is, and follow what changed."""
    _open(after=candidates.recent())
    workflow.follow(timezone.now(), after=workflow.recent())
    turns.reroute(timezone.now())


@app.periodic(cron="47 19 * * *")
@app.task(queueing_lock="all cases", pass_context=False)
def open_all_cases(timestamp: int) -> None:
    """Each night: open those of what came while no worker ran, or was written by another way than a step.

    And follow all that the channels said.
    """
    _open(after=0)
    workflow.follow(timezone.now())
    turns.again(at=timezone.now())


@app.periodic(cron="53 19 * * *")
@app.task(queueing_lock="dues", pass_context=False)
def reckon_dues(timestamp: int) -> None:
    """Each night: reckon anew when answers are due, for holidays may have changed, and whose they are."""
    dues.renew(timezone.now())
    answerable.renew()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="rules", pass_context=False)
def check_rules(timestamp: int) -> None:
    """Every ten minutes: look for rules that cannot work, after officials or boundaries changed."""
    checks.run(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="proofs", pass_context=False)
def judge_proofs(timestamp: int) -> None:
    """Each minute: look at the photos of answers that came of late, or whose cases were resolved of late."""
    proof.judge(timezone.now(), proof.recent())


@app.periodic(cron="59 19 * * *")
@app.task(queueing_lock="all proofs", pass_context=False)
def judge_all_proofs(timestamp: int) -> None:
    """Each night: look at those of all resolutions that nobody looked at."""
    proof.judge(timezone.now())


@transaction.atomic
def _open(after: int) -> None:
    # Together: no step is taken with a case that is nobody's.
    at = timezone.now()
    unmet = replies.unmet(after, at)
    workflow.collect(at, after=after)
    turns.begin(after=after)
    replies.receive(unmet, at)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="escalate", pass_context=False)
def escalate(timestamp: int) -> None:
    """Every five minutes: take up their ladder the cases whose answer is overdue; it has its own lock."""
    runs.escalate(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="bulletins", pass_context=False)
def write_bulletins(timestamp: int) -> None:
    """Each minute: put down mails to who follows, of what is new or has changed; the next task sends them."""
    with sql.lock("bulletins") as held:
        if held:
            bulletins.collect(timezone.now())


@app.periodic(cron="33 19 * * *")
@app.task(queueing_lock="forget watches", pass_context=False)
def forget_watches(timestamp: int) -> None:
    """Each night: forget addresses that nobody confirmed, mails that were sent, and links that expired."""
    watching.forget(timezone.now())
    replies.forget(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="notices", pass_context=False)
def send_notices(timestamp: int) -> None:
    """Each minute: send the notices that are due; what does not arrive is tried again by later turns."""
    with sql.lock("notices") as held:
        if held:
            notices.send_due()


def _find(after: int, most: int | None) -> None:
    with sql.lock("duplicates") as held:
        if held:
            candidates.find(candidates.window(timezone.now(), DAYS), most, after=after)


@app.periodic(cron="5 23,0-16 * * *")  # 06:05 in the city, and each hour of the day
@app.task(queueing_lock="brief", pass_context=False)
def write_brief(timestamp: int) -> None:
    """Each morning: write the briefs that are due, the weekly one on a Monday; later those that lack."""
    forms.scheduled(timezone.now())
