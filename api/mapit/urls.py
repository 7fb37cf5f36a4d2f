"""Where each address of MapIt goes; ``.json`` may stand behind each that answers JSON."""

from django.urls import re_path

from api.mapit import views

JSON = r"(?:\.json)?$"
IDS = r"(?P<several>[0-9]+(?:,[0-9]+)*)"
ID = r"(?P<id>[0-9]+)"
HOW = r"(?P<how>touches|overlaps|covers|covered|coverlaps|intersects)"
# Anything that has no comma or slash is a number here: what is none is a 400, and not a 404.
X, Y = r"(?P<x>[^,/]+)", r"(?P<y>[^,/]+?)"
BOX = r"(?:/(?P<box>box))?"

urlpatterns = [
    re_path(rf"^generations{JSON}", views.all_generations),
    re_path(rf"^point/4326/{X},{Y}{BOX}{JSON}", views.point),
    re_path(rf"^point/latlon/(?P<y>[^,/]+),(?P<x>[^,/]+?){BOX}{JSON}", views.latlon),
    re_path(rf"^area/{ID}{JSON}", views.area, name="mapit-area"),
    re_path(rf"^area/(?:4326/)?{ID}\.(?P<form>kml|geojson|wkt)$", views.polygon),
    re_path(rf"^area/4326/{ID}\.(?P<form>json)$", views.polygon),
    re_path(rf"^area/{ID}/geometry{JSON}", views.geometry),
    re_path(rf"^area/{ID}/children{JSON}", views.children),
    re_path(rf"^area/{ID}/{HOW}{JSON}", views.related),
    re_path(r"^areas/(?:4326/)?(?P<several>[^/]+)\.(?P<form>kml|geojson)$", views.polygons),
    re_path(rf"^areas/{IDS}/geometry{JSON}", views.geometries),
    re_path(rf"^areas/(?P<what>[^/]+?){JSON}", views.several),
    re_path(r"^areas$", views.posted),
    re_path(rf"^code/(?P<kind>[^/]+)/(?P<code>[^/]+?){JSON}", views.by_code),
]
