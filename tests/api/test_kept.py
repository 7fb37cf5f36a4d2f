"""Features that are kept: made once, dropped when their rows are renewed, never kept stale."""

import json

import numpy as np
import pytest

from api import collections
from api.features import kept as module
from api.features.kept import WEIGHT, Kept
from layers.changes import MOST_RENEWED, Renewed
from reports.models import Report


@pytest.fixture
def store(city):
    return Kept(collections.find("reports"), 1_000_000)


@pytest.fixture
def queries(monkeypatch):
    """Count what is read."""
    asked = []

    def counted(statement, values):
        asked.append(values["ids"])
        return original(statement, values)

    original = module.rows
    monkeypatch.setattr(module, "rows", counted)
    return asked


def ids_of(bodies: list[bytes]) -> list[int]:
    return [json.loads(body)["id"] for body in bodies]


def test_a_feature_is_made_once(store, receive_one, queries):
    ids = [receive_one(external_id=str(n)).id for n in range(3)]
    renewed = Renewed()
    assert ids_of(store.bodies(ids[:2], renewed)) == ids[:2]
    assert ids_of(store.bodies(ids[::-1], renewed)) == ids[::-1]
    assert queries == [f"{{{ids[0]},{ids[1]}}}", f"{{{ids[2]}}}"]


def test_a_row_that_is_there_no_more_has_none(store, receive_one):
    id = receive_one().id
    assert ids_of(store.bodies([id, id + 1], Renewed())) == [id]


def test_what_was_renewed_is_made_anew(store, receive_one):
    one, two = receive_one().id, receive_one(external_id="2").id
    renewed = Renewed()
    store.bodies([one, two], renewed)
    Report.objects.update(public_text="anew")
    renewed.note(np.array([two]))
    texts = [json.loads(body)["properties"]["text"] for body in store.bodies([one, two], renewed)]
    assert texts == ["Jalan rusak di depan pasar", "anew"]
    renewed.note_everything()
    assert b"anew" in store.bodies([one], renewed)[0]


def test_what_is_renewed_while_it_is_read_is_not_kept(store, receive_one, monkeypatch, queries):
    id = receive_one().id
    renewed, original = Renewed(), module.rows

    def read(statement, values):
        found = original(statement, values)
        renewed.note(np.array([id]))
        return found

    monkeypatch.setattr(module, "rows", read)
    store.bodies([id], renewed)
    monkeypatch.setattr(module, "rows", original)
    store.bodies([id], renewed)
    assert len(queries) == 2


def test_the_oldest_go_where_there_is_no_room(receive_one, queries):
    ids = [receive_one(external_id=str(n)).id for n in range(4)]
    renewed = Renewed()
    size = len(Kept(collections.find("reports"), 1_000_000).bodies(ids[:1], renewed)[0]) + WEIGHT
    small = Kept(collections.find("reports"), 2 * size + 20)
    small.bodies(ids, renewed)
    queries.clear()
    small.bodies(ids[2:], renewed)
    assert queries == []
    small.bodies(ids[:1], renewed)
    assert len(queries) == 1


def test_positions_are_to_the_last_bit(store, receive_one):
    report = receive_one()
    assert store.positions([report.id], Renewed()) == {report.id: (report.point.x, report.point.y)}


def test_renewed_rows_are_told_from_a_number_on_as_long_as_they_are_few():
    renewed = Renewed()
    renewed.note(np.array([1, 2]))
    renewed.note(np.array([3]))
    assert renewed.since(0) == [1, 2, 3]
    assert renewed.since(1) == [3]
    assert renewed.since(2) == []
    renewed.note(np.arange(MOST_RENEWED))
    assert renewed.since(1) is None
    assert len(renewed.since(2)) == MOST_RENEWED
    renewed.note_everything()
    assert renewed.since(3) is None
    assert renewed.since(renewed.number) == []
