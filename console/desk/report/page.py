"""``/staff/cases/{id}``: one report, whole; ``?panel=1`` the same for the side of another page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from access import audit
from api.casework.door import LAST_ID, Asked
from console import modules
from console.desk import shell
from console.desk.report import dossier
from console.desk.shell import opened
from geoplatform import sql
from geoplatform.errors import NotFound
from staff.models import User

PART = "report"


@opened("casework.view_case")
def report(request: HttpRequest, user: User, id: int) -> HttpResponse:
    """``GET /staff/cases/{id}``: a case, all of it; of one that is not theirs: that there is none."""
    form = "panel" if request.GET.get("panel") else "page"
    at = timezone.now()
    asked = Asked(request, user, at, audit.origin(request, user.mark), {})
    spoken = shell.language(request)
    words = shell.said(spoken, PART)
    try:
        if id > LAST_ID:
            raise NotFound(f"no case {id}")
        with sql.bounded(settings.QUERY_TIMEOUT_MS), translation.override(spoken):
            shown = dossier.of(asked, id, words, spoken)
            loaded = modules.loaded_by("console/desk/report/page.js")
            return shell.page(request, user, f"desk/report/{form}", part=PART, modules=loaded, **shown)
    except NotFound:
        return shell.page(request, user, "desk/report/missing", 404, part=PART, number=id)
