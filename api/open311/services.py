"""Services, which are our categories, and where to find them."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from geoplatform import sql
from geoplatform.errors import NotFound
from reports.models import Category

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGESET = "2026-11-25 00:00"


def discovery(request: HttpRequest) -> dict[str, Any]:
    """Return where the service is, and in which forms; one that shows the simulated city is a test."""
    return {
        "changeset": CHANGESET,
        "contact": settings.OPEN311_CONTACT,
        "key_service": settings.OPEN311_CONTACT,
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": request.build_absolute_uri("/open311/v2"),
                "changeset": CHANGESET,
                "type": "test" if sql.scalar("api/simulated") else "production",
                "formats": ["application/json", "text/xml"],
            }
        ],
    }


def services() -> list[dict[str, Any]]:
    """Return every category as a service; none asks for more than the specification does."""
    return [
        {
            "service_code": category.code,
            "service_name": category.name_id,
            "description": category.name_en,
            "metadata": False,
            "type": "realtime",
            "keywords": f"{category.name_id.lower()},{category.name_en.lower()}",
            "group": category.answered_by,
        }
        for category in Category.objects.order_by("code")
    ]


def definition(code: str) -> dict[str, Any]:
    """Return what one service asks besides, which is nothing; or raise NotFound."""
    if "\0" in code or not Category.objects.filter(code=code).exists():
        raise NotFound(f"service_code {code!r} was not found: services lists them")
    return {"service_code": code, "attributes": []}
