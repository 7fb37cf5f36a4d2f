"""Where each address of Maps Engine v1 goes."""

from django.urls import re_path

from api.mapsengine import assets, views
from api.mapsengine.writing import read_only

ID = r"(?P<id>[^/]+)"
END = r"/?$"
# Methods of the discovery document that change something, and have no GET at their address.
WRITTEN = (
    r"(?:tables/upload|tables/[^/]+/(?:process|files|features/batch(?:Insert|Patch|Delete))"
    r"|layers/[^/]+/(?:process|publish|unpublish|cancelProcessing)|maps/[^/]+/(?:publish|unpublish)"
    r"|(?:tables|layers|maps)/[^/]+/permissions/batch(?:Delete|Update))"
)

urlpatterns = [
    re_path(rf"^tables{END}", read_only(views.listed("tables", assets.tables))),
    re_path(rf"^tables/{ID}/features{END}", read_only(views.all_features)),
    re_path(rf"^tables/{ID}/features/(?P<key>[^/]+){END}", read_only(views.one_feature)),
    re_path(rf"^tables/{ID}{END}", read_only(views.one(assets.table))),
    re_path(rf"^layers{END}", read_only(views.listed("layers", assets.layers))),
    re_path(
        rf"^layers/published{END}",
        read_only(views.listed("layers", assets.published_layers, views.PUBLISHED)),
    ),
    re_path(rf"^layers/{ID}/published{END}", read_only(views.one(assets.published_layer))),
    re_path(rf"^layers/{ID}{END}", read_only(views.one(assets.layer))),
    re_path(rf"^maps{END}", read_only(views.listed("maps", assets.maps))),
    re_path(
        rf"^maps/published{END}", read_only(views.listed("maps", assets.published_maps, views.PUBLISHED))
    ),
    re_path(rf"^maps/{ID}/published{END}", read_only(views.one(assets.published_map))),
    re_path(rf"^maps/{ID}{END}", read_only(views.one(assets.map))),
    # What was only ever written to.
    re_path(rf"^{WRITTEN}{END}", read_only(views.nothing)),
]
