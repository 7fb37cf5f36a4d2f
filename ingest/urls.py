"""The addresses at which feeds may push."""

from django.urls import path

from ingest import push

urlpatterns = [path("push/<str:feed>", push.push)]
