"""A drill's process asks the cluster that it plays on."""

from pathlib import Path
from types import SimpleNamespace

from django import db

from drills import stage
from geoplatform.database import Cluster


def test_who_led_a_process_to_one_cluster_can_lead_it_to_another(tmp_path: Path, monkeypatch):
    asked: dict[str, str] = {}
    monkeypatch.setattr(db, "connection", SimpleNamespace(settings_dict=asked))
    monkeypatch.setattr(db, "connections", SimpleNamespace(close_all=lambda: None))
    for name in ("first", "second"):
        cluster = Cluster(tmp_path / name)
        stage.lead(cluster, "city")
        assert asked == {"HOST": str(cluster.data), "NAME": "city"}
