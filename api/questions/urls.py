"""The addresses of the questions."""

from django.urls import path

from api.questions import counts, heat, locating, nearest, series

urlpatterns = [
    path("api/counts", counts.counts),
    path("api/heat", heat.heat),
    path("api/locate", locating.locate),
    path("api/nearest", nearest.nearest),
    path("api/series", series.series),
]
