"""The addresses of administration, below ``/api/staff/admin/``."""

from django.urls import path

from api.admin import accounts, clocks, editions, keys, officials, rules, tables

urlpatterns = [
    path("editions", editions.editions_door),
    path("editions/<int:id>/preview", editions.preview_door),
    path("editions/<int:id>/activate", editions.activate_door),
    path("errands/<int:id>", editions.errand_door),
    path("offices", officials.offices_door),
    path("offices/<str:code>", officials.office_door),
    path("offices/<str:code>/terms", officials.terms_door),
    path("offices/<str:code>/contacts", officials.contacts_door),
    path("terms/<int:id>/end", officials.end_door),
    path("terms/<int:id>/drop", officials.drop_door),
    path("gaps", officials.gaps_door),
    path("rules", rules.puts),
    path("rules/past", rules.ended),
    path("rules/<int:number>/end", rules.ends),
    path("rules/<int:number>/move", rules.moves),
    path("deadlines", clocks.deadlines_door),
    path("deadlines/<int:id>/end", clocks.deadline_end),
    path("norms", clocks.norms_door),
    path("holidays", clocks.holidays_door),
    path("holidays/<str:on>/drop", clocks.holiday_drop),
    path("pause-reasons", clocks.reasons_door),
    path("ladders", tables.ladders_door),
    path("categories", tables.categories_door),
    path("categories/<str:code>", tables.category_door),
    path("weights", tables.weights_door),
    path("answer-templates", tables.templates_door),
    path("accounts", accounts.everyone_door),
    path("accounts/<str:username>", accounts.one_door),
    path("accounts/<str:username>/disable", accounts.disable_door),
    path("accounts/<str:username>/enable", accounts.enable_door),
    path("accounts/<str:username>/password", accounts.password_door),
    path("accounts/<str:username>/forget-device", accounts.forget_door),
    path("keys", keys.keys_door),
    path("keys/<int:id>/revoke", keys.revoke_door),
    path("audit/verify", keys.verify_door),
]
