"""From a subscription to what its receiver is told, over real connections."""

import base64
import hmac
import json
import re
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from access import keys
from access.models import ApiKey
from ingest.network import telling
from ingest.outgoing import webhooks
from layers import revisions
from layers.record import LonLat
from reports import intake
from reports.models import Category, Report
from reports.record import Update, Updates
from subscriptions import deliveries, subscribers
from subscriptions.models import Delivery, Former, State, Subscription
from tests.api.test_personal_data import AUTHOR, WORDS, found_in
from tests.conftest import MONAS, NOON

FAR = LonLat(106.75, -6.25)


@pytest.fixture
def subscribe(client, bearer):
    def post(**said):
        response = client.post("/api/subscriptions", json.dumps(said), "application/json", **bearer)
        assert response.status_code == 201, response.content
        return response.json()

    return post


@pytest.fixture
def active(city, receiver, subscribe):
    """A subscription whose receiver has said that it wants to be told."""

    def make(**said):
        told = subscribe(url=receiver.url, **said)
        webhooks.turn(timezone.now())
        receiver.told.clear()
        return told

    return make


@pytest.fixture
def report(submission):
    def receive(external_id="1", **parts):
        revisions.anew("reports")
        intake.receive([submission(external_id, **parts)], simulated=False)

    return receive


def one() -> Subscription:
    return Subscription.objects.get()


def test_nothing_is_sent_before_the_receiver_has_answered_the_question(city, receiver, subscribe, report):
    receiver.echo = "nothing"
    subscribe(url=receiver.url)
    report()
    webhooks.turn(timezone.now())
    assert [said["type"] for said in receiver.bodies()] == ["subscription.verify"]
    assert one().state == State.UNVERIFIED and "challenge" in one().error
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("echo", ["json", "text"])
def test_a_receiver_that_answers_with_the_challenge_is_told_what_comes_then(
    city, receiver, subscribe, report, echo
):
    receiver.echo = echo
    report("before")
    subscribe(url=receiver.url)
    webhooks.turn(timezone.now())
    assert one().state == State.ACTIVE
    report("after", description="Jalan rusak")
    webhooks.turn(timezone.now())
    _, said = receiver.bodies()
    assert said["type"] == "reports.changed" and said["gone"] == []
    (feature,) = said["reports"]
    assert feature["type"] == "Feature" and feature["properties"]["text"] == "Jalan rusak"
    assert feature["geometry"]["coordinates"] == [MONAS.lon, MONAS.lat]


def test_a_message_is_signed_as_standard_webhooks_are(active, receiver, report):
    secret = active()["secret"]
    report()
    webhooks.turn(timezone.now())
    ((headers, body),) = receiver.told
    headers = {name.lower(): value for name, value in headers.items()}
    signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{made}"
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    assert headers["webhook-id"] == str(Delivery.objects.get().number)


def test_no_table_holds_the_secret(active, receiver):
    secret = active()["secret"].removeprefix("whsec_")
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(subscriptions_subscription)::text FROM subscriptions_subscription")
        ((row,),) = cursor.fetchall()
    assert secret not in row and base64.b64decode(secret).hex() not in row


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, {"here", "far", "flood"}),
        ({"category": ["flood"]}, {"flood"}),
        ({"kelurahan": ["31.71.01.1001"]}, {"here", "flood"}),
        ({"kelurahan": ["31.71"]}, {"here", "flood"}),
        ({"kelurahan": ["31.71.01.1001"], "category": ["road"]}, {"here"}),
        ({"bbox": [106.7, -6.3, 106.8, -6.2]}, {"far"}),
        (
            {
                "polygon": {
                    "type": "Polygon",
                    "coordinates": [[[106.82, -6.18], [106.83, -6.18], [106.83, -6.17], [106.82, -6.18]]],
                }
            },
            {"here", "flood"},
        ),
        ({"bbox": [100, -6.3, 101, -6.2]}, set()),
    ],
)
def test_a_subscription_is_told_of_what_it_chose(active, receiver, report, said, told):
    active(**said)
    report("1", description="here")
    report("2", description="far", point=FAR)
    report("3", description="flood", category="flood")
    webhooks.turn(timezone.now())
    found = {feature["properties"]["text"] for body in receiver.bodies() for feature in body["reports"]}
    assert found == told


def test_a_change_is_told_once(active, receiver, report):
    active()
    report()
    for _ in range(3):
        webhooks.turn(timezone.now())
    assert len(receiver.told) == 1
    report(description="another text", updated_at=NOON + timedelta(hours=1))
    webhooks.turn(timezone.now())
    assert len(receiver.told) == 2


def test_a_withdrawn_report_is_told_by_its_number_alone(active, receiver, report):
    active()
    report()
    webhooks.turn(timezone.now())
    (number,) = (feature["id"] for feature in receiver.bodies()[0]["reports"])
    revisions.anew("reports")
    gone = Update(at=NOON + timedelta(hours=1), status="withdrawn", by="", note="")
    intake.receive([Updates("qlue", "1", (gone,))], simulated=False)
    webhooks.turn(timezone.now())
    assert receiver.bodies()[1]["gone"] == [number] and receiver.bodies()[1]["reports"] == []


def moved(report, **parts):
    report("1", updated_at=NOON + timedelta(hours=1), **parts)
    webhooks.turn(timezone.now())


@pytest.mark.parametrize(
    ("chosen", "parts"),
    [
        ({"category": ["road"]}, {"category": "flood"}),
        ({"kelurahan": ["31.71.01.1001"]}, {"point": FAR}),
        ({"kelurahan": ["31.71"]}, {"point": FAR}),
        ({"bbox": [106.82, -6.18, 106.83, -6.17]}, {"point": FAR}),
        ({"bbox": [106.82, -6.18, 106.83, -6.17]}, {"point": None}),
        ({"bbox": [106.8271, -6.1755, 106.8273, -6.1753]}, {"category": "public_order"}),
    ],
)
def test_what_leaves_a_choice_is_told_by_its_number_alone(active, receiver, report, chosen, parts):
    active(**chosen)
    report("1", description="here")
    webhooks.turn(timezone.now())
    ((feature,),) = (body["reports"] for body in receiver.bodies())
    moved(report, **parts)
    _, said = receiver.bodies()
    assert (said["reports"], said["gone"]) == ([], [feature["id"]])
    webhooks.turn(timezone.now())
    assert len(receiver.told) == 2


def test_what_moves_within_a_choice_or_comes_back_to_it_is_told_whole(active, receiver, report):
    active(kelurahan=["31.71"])
    report("1")
    webhooks.turn(timezone.now())
    report("1", updated_at=NOON + timedelta(hours=1), point=FAR)
    report("1", updated_at=NOON + timedelta(hours=2), point=MONAS)
    webhooks.turn(timezone.now())
    report("1", updated_at=NOON + timedelta(hours=3), point=LonLat(106.8273, -6.1755))
    webhooks.turn(timezone.now())
    assert [(len(body["reports"]), body["gone"]) for body in receiver.bodies()] == [(1, [])] * 3


def test_what_never_was_in_a_choice_is_not_told_of_when_it_moves(active, receiver, report):
    active(category=["flood"])
    report("1")
    moved(report, point=FAR)
    assert receiver.told == []


def test_a_report_deleted_outright_is_told_as_gone(active, receiver, report):
    active()
    report("1", point=None)
    webhooks.turn(timezone.now())
    ((feature,),) = (body["reports"] for body in receiver.bodies())
    revisions.anew("reports")
    Report.objects.all().delete()
    webhooks.turn(timezone.now())
    assert receiver.bodies()[1]["gone"] == [feature["id"]]


def test_no_box_feels_its_way_to_where_a_report_was_that_became_sensitive(active, receiver, report):
    exact = [106.8276, -6.1758, 106.8277, -6.1757]
    active(bbox=exact)
    report("1", point=LonLat(106.8276431, -6.1757912), category="public_order")
    moved(report, point=FAR, category="public_order")
    Category.objects.filter(code="road").update(public_digits=3)
    report("2", point=LonLat(106.8276431, -6.1757912))
    webhooks.turn(timezone.now())
    assert receiver.told == []


def test_what_left_long_ago_is_forgotten(city, report):
    report("1")
    report("1", updated_at=NOON + timedelta(hours=1), category="flood")
    assert Former.objects.count() == 1
    deliveries.forget(timezone.now() + timedelta(days=29))
    assert Former.objects.count() == 1
    deliveries.forget(timezone.now() + timedelta(days=31))
    assert Former.objects.count() == 0


def test_a_host_and_a_key_are_asked_so_often_an_hour_and_no_more(
    city, receiver, subscribe, client, bearer, monkeypatch
):
    monkeypatch.setattr(subscribers, "MOST_OF_HOST", 3)
    receiver.echo = "nothing"
    ids = [subscribe(url=receiver.url)["id"] for _ in range(5)]
    now = timezone.now()
    webhooks.turn(now)
    assert len(receiver.told) == 3
    for id in ids[:3]:
        client.delete(f"/api/subscriptions/{id}", **bearer)
    webhooks.turn(now + timedelta(minutes=30))
    assert len(receiver.told) == 3
    webhooks.turn(now + timedelta(minutes=61))
    assert len(receiver.told) == 5
    monkeypatch.setattr(subscribers, "MOST_OF_KEY", 2)
    webhooks.turn(now + timedelta(minutes=72))
    assert len(receiver.told) == 5


def test_who_asks_for_the_question_again_and_again_is_refused(city, receiver, subscribe, client, bearer):
    receiver.echo = "nothing"
    id = subscribe(url=receiver.url)["id"]
    webhooks.turn(timezone.now())
    answer = client.post(f"/api/subscriptions/{id}/verify", **bearer)
    assert answer.status_code == 429 and 590 <= int(answer["Retry-After"]) <= 600


def test_many_changes_are_told_in_messages_of_a_hundred_none_twice_and_none_missing(
    active, receiver, submission
):
    active()
    revisions.anew("reports")
    intake.receive([submission(str(n)) for n in range(250)], simulated=False)
    webhooks.turn(timezone.now())
    told = [feature["id"] for body in receiver.bodies() for feature in body["reports"]]
    assert [len(body["reports"]) for body in receiver.bodies()] == [100, 100, 50]
    assert len(set(told)) == len(told) == 250


def test_what_does_not_arrive_comes_again_later_and_later_under_the_same_number_and_then_is_dead(
    active, receiver, report
):
    active()
    receiver.status = 500
    report()
    now, pauses = timezone.now(), []
    for _ in range(deliveries.MOST_ATTEMPTS):
        webhooks.turn(now)
        message = Delivery.objects.get()
        pauses.append((message.next_at - now).total_seconds())
        now = message.next_at
    assert message.dead_at and "500" in message.error
    assert len({dict(headers)["webhook-id"] for headers, _ in receiver.told}) == 1
    assert len(receiver.told) == deliveries.MOST_ATTEMPTS
    assert all(later > earlier for earlier, later in zip(pauses[:6:2], pauses[2:7:2], strict=True))


def test_a_receiver_that_asks_to_be_left_alone_is(active, receiver, report):
    active()
    receiver.status, receiver.headers = 503, {"Retry-After": "7200"}
    report()
    now = timezone.now()
    webhooks.turn(now)
    assert Delivery.objects.get().next_at == now + timedelta(seconds=7200)


def test_messages_wait_for_those_before_them(active, receiver, report):
    active()
    receiver.status = 500
    report("1")
    webhooks.turn(timezone.now())
    receiver.status = 200
    report("2")
    webhooks.turn(timezone.now())
    assert len(receiver.told) == 1
    webhooks.turn(timezone.now() + timedelta(minutes=3))
    assert [len(body["reports"]) for body in receiver.bodies()] == [1, 1, 1]


def test_one_that_gives_up_three_times_is_told_no_more_until_it_is_verified_anew(
    active, receiver, client, bearer
):
    told = active()
    now = timezone.now()
    for _ in range(deliveries.DEAD_IN_A_ROW):
        message = Delivery.objects.create(
            subscription=one(), body={"reports": [], "gone": []}, created_at=now, next_at=now
        )
        deliveries.bury(message, "the receiver answered with status 500", now)
    assert one().state == State.FAILING
    response = client.post(f"/api/subscriptions/{told['id']}/verify", **bearer)
    assert response.status_code == 202
    webhooks.turn(timezone.now())
    assert one().state == State.ACTIVE


def test_410_ends_it(active, receiver, report):
    active()
    receiver.status = 410
    report()
    webhooks.turn(timezone.now())
    assert one().state == State.ENDED and not deliveries.waiting().exists()


def test_a_redirect_is_not_followed(active, receiver, report):
    active()
    receiver.status, receiver.headers = 302, {"Location": "http://127.0.0.1:1/inside"}
    report()
    webhooks.turn(timezone.now())
    assert len(receiver.told) == 1 and "302" in Delivery.objects.get().error


def test_an_address_that_has_become_private_since_is_not_told(active, receiver, report, settings):
    """As where a name server gives another answer: it is the connection that is looked at."""
    active()
    settings.WEBHOOK_HOSTS = ()
    report()
    webhooks.turn(timezone.now())
    assert receiver.told == []
    assert Delivery.objects.get().error


def test_no_byte_reaches_a_private_address(receiver):
    with pytest.raises(telling.FeedUnavailable):
        telling.tell(receiver.url, b"{}", {})
    with pytest.raises(telling.FeedUnavailable):
        telling.tell(receiver.url.replace("127.0.0.1", "localhost"), b"{}", {}, ["127.0.0.1"])
    assert receiver.told == []


def test_a_proxy_of_the_environment_is_not_asked(receiver, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert telling.tell(receiver.url, b"{}", {}, ["127.0.0.1"])[0] == 200


def test_a_subscription_of_a_revoked_key_is_told_nothing(active, receiver, report):
    active()
    keys.revoke(ApiKey.objects.get().id)
    report()
    webhooks.turn(timezone.now())
    assert receiver.told == []


def test_nothing_personal_and_no_exact_point_of_a_sensitive_report_is_told(active, receiver, report):
    active()
    exact = LonLat(106.8276431, -6.1757912)
    report(category="public_order", description=WORDS, author=AUTHOR, point=exact)
    webhooks.turn(timezone.now())
    ((_, body),) = receiver.told
    text = body.decode()
    assert "Jalan rusak di depan pasar" in text and found_in(text) == []
    assert json.loads(text)["reports"][0]["geometry"]["coordinates"] == [106.828, -6.176]


def test_no_box_feels_its_way_to_a_sensitive_point(active, receiver, report):
    active(bbox=[106.8276, -6.1758, 106.8277, -6.1757])
    report(category="public_order", point=LonLat(106.8276431, -6.1757912))
    webhooks.turn(timezone.now())
    assert receiver.told == []


def test_what_arrived_or_was_given_up_long_ago_is_forgotten(active, receiver, report):
    active()
    report()
    webhooks.turn(timezone.now())
    assert deliveries.forget(timezone.now()) == 0
    assert deliveries.forget(timezone.now() + timedelta(days=8)) == 1


def ask(*args):
    out = StringIO()
    call_command("webhooks", *args, stdout=out)
    return out.getvalue()


def test_the_command_lists_dead_letters_and_sends_them_again(active, receiver, report):
    active()
    report()
    receiver.status = 500
    webhooks.turn(timezone.now())
    message = Delivery.objects.get()
    deliveries.bury(message, "the receiver answered with status 500", timezone.now())
    said = ask()
    assert re.search(rf"{message.id}  subscription {one().id}  attempts 1 .* status 500", said)
    assert "Jalan" not in said
    ask("--retry", str(message.id))
    receiver.status = 200
    webhooks.turn(timezone.now())
    assert Delivery.objects.get().sent_at
    with pytest.raises(CommandError):
        ask("--retry", str(message.id))
    with pytest.raises(CommandError):
        ask("--end", "4711")
    ask("--end", str(one().id))
    assert one().state == State.ENDED


def test_one_receiver_that_drips_does_not_hold_up_another(active, receiver, monkeypatch):
    """All messages of the other subscription are sent before the first receiver is given up."""
    active()
    slow, other = one(), one()
    other.pk, other.url = None, "https://other.example/"
    other.save()
    told, enough = [], threading.Event()

    def tell(url, *rest):
        if url == slow.url:
            assert enough.wait(120), "the other was not told meanwhile"
            raise telling.FeedUnavailable("slow")
        told.append(url)
        if len(told) == 3:
            enough.set()
        return 200, None, b""

    now = timezone.now()
    for subscription in (slow, other, other, other):
        Delivery.objects.create(
            subscription=subscription, body={"reports": [], "gone": []}, created_at=now, next_at=now
        )
    monkeypatch.setattr(telling, "tell", tell)
    assert webhooks.send_due(now) == 3
    assert Delivery.objects.filter(sent_at=None).get().subscription == slow
