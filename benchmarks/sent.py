"""What each server sends for the same few tiles: features, the reports that they stand for, bytes."""

import json
from typing import Any

import requests

from benchmarks import peers, programs, rows, session
from benchmarks.results import Report
from layers.grid import Tile

ZOOMS = (6, 10, 12, 14, 16)
PATIENCE_S = 20


def measure(page: Report, address: str, with_peers: bool) -> None:
    """Add the table to a page."""
    tiles = [session.screen(*rows.MIDDLE, zoom)[session.ACROSS * session.DOWN // 2] for zoom in ZOOMS]
    with programs.ours() as url:
        lines = [_line("ours", url, f"/tiles/reports/{at.z}/{at.x}/{at.y}.mvt", at, "") for at in tiles]
    for peer in peers.ALL if with_peers else ():
        with peers.served(peer, address) as found:
            if found:
                asked = zip(peer.paths(tiles), tiles, strict=True)
                lines += [_line(peer.name, found, path, at, peer.cut) for path, at in asked]
    page.say(
        "What is sent for the tile in the middle of the city. Cells of ours stand for many reports: that sum"
        " is the second number. A peer that cuts off shows some of the reports and does not say so."
    )
    page.table(("server", "tile", "features", "stand for", "bytes, gzip", "bytes", "cuts off at"), lines)


def _line(name: str, url: str, path: str, at: Tile, cut: str) -> list[Any]:
    place = f"{at.z}/{at.x}/{at.y}"
    try:
        answer = requests.get(
            url + path, headers={"Accept-Encoding": "gzip"}, stream=True, timeout=PATIENCE_S
        )
        answer.raise_for_status()
    except requests.RequestException as error:
        return [name, place, type(error).__name__, None, None, None, cut or "nothing"]
    body = answer.content
    wire = int(answer.headers.get("Content-Length", len(body)))
    found = features(body, "json" in answer.headers.get("Content-Type", ""))
    stand_for = sum(properties.get("count", 1) for properties in found)
    return [name, place, len(found), stand_for, wire, len(body), cut or "nothing"]


def features(body: bytes, is_json: bool) -> list[dict[str, Any]]:
    """Return the properties of each feature of a tile."""
    import mapbox_vector_tile

    if is_json:
        return [feature["properties"] for feature in json.loads(body)["features"]]
    layers = mapbox_vector_tile.decode(body) if body else {}
    return [feature["properties"] for layer in layers.values() for feature in layer["features"]]
