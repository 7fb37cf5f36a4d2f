import numpy as np

from layers.changes import Changes
from layers.grid import Tile
from tests.grid import tile_of
from tests.layers.points import key_of

KOJA, CILANDAK = (106.905, -6.12), (106.795, -6.29)


def test_a_change_is_told_of_its_own_tiles_and_of_no_others():
    changes = Changes()
    changes.note(np.array([key_of(*CILANDAK)]))
    changes.note(np.array([key_of(*KOJA)]))
    for z in range(23):
        assert changes.last(tile_of(*KOJA, z)) == 2
    for z in range(12, 23):
        assert changes.last(tile_of(*CILANDAK, z)) == 1
    assert changes.last(tile_of(106.7, -6.1, 14)) == 0


def test_what_may_have_changed_everywhere_did_so_in_every_tile():
    changes = Changes()
    changes.note(np.array([key_of(*KOJA)]))
    changes.note_everywhere()
    assert changes.last(Tile(3, 0, 0)) == changes.last(tile_of(*KOJA, 20)) == 2


def test_changes_all_over_the_earth_take_no_more_than_so_much_memory(monkeypatch):
    monkeypatch.setattr("layers.changes.MOST", 1000)
    changes = Changes()
    for column in range(200):
        changes.note(np.array([key_of(-179 + column * 1.7, lat) for lat in (-60, -20, 20, 60)]))
        assert len(changes._last) <= 1000
    assert changes.last(tile_of(-179, -60, 14)) > 0
