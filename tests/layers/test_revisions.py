import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from layers import revisions
from layers.models import Revision


def test_a_layer_that_never_changed_has_revision_0(db):
    assert revisions.current("nowhere") == 0


def test_each_touch_raises_the_revision_by_one(db):
    seen = []
    for _ in range(3):
        revisions.touch("somewhere")
        seen.append(revisions.current("somewhere"))
    assert seen == [1, 2, 3]


def test_a_touch_leaves_other_layers_as_they_are(db):
    revisions.touch("here", "there")
    revisions.touch("there")
    assert (revisions.current("here"), revisions.current("there")) == (1, 2)


def test_a_layer_named_twice_is_touched_once(db):
    revisions.touch("here", "here")
    assert revisions.current("here") == 1


def test_no_names_touch_nothing(db):
    before = list(Revision.objects.values_list("layer", "revision"))
    revisions.touch()
    assert list(Revision.objects.values_list("layer", "revision")) == before


def test_many_layers_are_touched_by_one_statement(db):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        revisions.touch("a", "b", "c")
    assert len(queries) == 1


def test_what_is_rolled_back_was_never_touched(db):
    revisions.touch("here")

    def fail():
        with transaction.atomic():
            revisions.touch("here")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert revisions.current("here") == 1


def test_the_row_stays_locked_until_the_transaction_of_the_change_ends(transactional_city):
    known = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    settings = {key: connection.settings_dict[name] for key, name in known.items()}
    with (
        transaction.atomic(),
        psycopg.connect(**{key: value for key, value in settings.items() if value}) as other,
        pytest.raises(psycopg.errors.LockNotAvailable),
    ):
        revisions.touch("kelurahan")
        other.execute("SELECT FROM layers_revision WHERE layer = 'kelurahan' FOR UPDATE NOWAIT")
