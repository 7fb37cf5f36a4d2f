"""Where each address of Maps Engine v1 goes."""

from django.urls import re_path

from api.mapsengine import assets, views

ID = r"(?P<id>[^/]+)"
END = r"/?$"

urlpatterns = [
    re_path(rf"^tables{END}", views.listed("tables", assets.tables)),
    re_path(rf"^tables/{ID}/features{END}", views.all_features),
    re_path(rf"^tables/{ID}/features/(?P<key>[^/]+){END}", views.one_feature),
    re_path(rf"^tables/{ID}{END}", views.one(assets.table)),
    re_path(rf"^layers{END}", views.listed("layers", assets.layers)),
    re_path(rf"^layers/published{END}", views.listed("layers", assets.published_layers, views.PUBLISHED)),
    re_path(rf"^layers/{ID}/published{END}", views.one(assets.published_layer)),
    re_path(rf"^layers/{ID}{END}", views.one(assets.layer)),
    re_path(rf"^maps{END}", views.listed("maps", assets.maps)),
    re_path(rf"^maps/published{END}", views.listed("maps", assets.published_maps, views.PUBLISHED)),
    re_path(rf"^maps/{ID}/published{END}", views.one(assets.published_map)),
    re_path(rf"^maps/{ID}{END}", views.one(assets.map)),
]
