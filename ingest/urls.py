"""The addresses at which feeds may push, and apps ask for what became of a push."""

from django.urls import path, re_path

from ingest.doors import citizens, push, submit

urlpatterns = [
    path("push/<str:feed>", push.push),
    path("api/receipts/<str:token>", citizens.receipt),
    re_path(r"^open311/v2/tokens/(?P<token>[^/]+)\.(?P<form>json|xml)$", submit.token),
]
