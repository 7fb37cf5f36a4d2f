"""What a map of the platform must say beside its layers."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api import feeds
from api.public import document, public
from boundaries import editions, lookup
from geoplatform import sql
from reports.models import Category


@public
def about(request: HttpRequest) -> HttpResponse:
    """``GET /api/map``: the edition in force, what is simulated, silent feeds, categories, base map."""
    edition = editions.in_force(lookup.today())
    return document(
        request,
        {
            "edition": edition
            and {
                "id": edition.id,
                "name": edition.name,
                "schematic": edition.schematic,
                "attribution": edition.attribution,
            },
            "simulated": sql.scalar("api/simulated"),
            "silent": feeds.silent(timezone.now()),
            "categories": [
                {"code": category.code, "name": {"id": category.name_id, "en": category.name_en}}
                for category in Category.objects.order_by("code")
            ],
            "base_map": {"url": settings.BASE_MAP_URL, "attribution": settings.BASE_MAP_ATTRIBUTION}
            if settings.BASE_MAP_URL
            else None,
            "bounds": settings.CITY_BOUNDS,
        },
    )
