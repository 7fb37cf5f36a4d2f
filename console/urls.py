"""The addresses of pages that people read."""

from django.urls import path

from console import views

app_name = "console"
urlpatterns = [path("", views.map_page, name="map")]
