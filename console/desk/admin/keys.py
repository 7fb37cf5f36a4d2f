"""Keys of the API: made and shown once, ended for good."""

from django.http import HttpRequest, HttpResponse

from api.admin import keys as api
from console.desk import shell
from console.desk.admin import acting, pages
from console.desk.admin.acting import Act
from console.desk.admin.forms import Field, Form
from staff.models import User

CREATE = (Field("title"), Field("scopes", "many"), Field("last_day", "day"))
ACTS = {
    "key.create": Act(pages.KEYS, api.create, "key_once", CREATE, is_shown_once=True),
    "key.revoke": Act(pages.KEYS, api.revoke, "key_revoked", about=int),
}


@shell.opened(pages.KEYS)
def view(request: HttpRequest, user: User) -> HttpResponse:
    """``/staff/admin/keys``: every key without its text, and a form for another one."""
    done = acting.take(request, user, ACTS) if request.method == "POST" else None
    if isinstance(done, HttpResponse):
        return done
    said = pages.words(request)
    listed = acting.ask(request, user, api.everything)
    create = Form(
        "key.create",
        said["save"],
        (
            Field("title", "text", said["title"], wanted=True),
            Field("last_day", "day", said["last_day"]),
            Field("scopes", "many", said["scopes"], [(one, one) for one in listed["scopes"]], ["write"]),
        ),
    )
    return pages.page(request, user, "keys", done, {"create": create}, keys=listed["keys"][::-1])
