"""Who is logged in, and what they can change about that."""

from django.http import HttpRequest, HttpResponse

from console.desk.shell import opened, page
from staff import second
from staff.models import User


@opened()
def account(request: HttpRequest, user: User) -> HttpResponse:
    """``GET /staff/account``: name, roles and office; password, second factor, logging out."""
    return page(
        request,
        user,
        "desk/account",
        part="staff",
        roles=user.groups.order_by("name").values_list("name", flat=True),
        enrolled=second.is_enrolled(user),
    )
