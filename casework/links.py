"""The signed link below what citizens are told: to what was answered, to dispute it, to hear no more.

Who reported is known only to the channel; so the link proves that its reader may speak for the report.
"""

from django.conf import settings
from django.core.signing import BadSignature, Signer

from casework.models import Transition
from geoplatform.errors import Forbidden

DISPUTE = "dispute"
SALT = "casework.dispute"


def token(report_id: int) -> str:
    """Return what allows whoever has it to speak for one report: its id, signed."""
    return Signer(salt=SALT).sign(str(report_id))


def report_of(token: str) -> int:
    """Return the report that a token is for.

    Raises
    ------
    Forbidden
        We did not sign it.
    """
    try:
        return int(Signer(salt=SALT).unsign(token))
    except BadSignature:
        raise Forbidden("token: it is none of ours") from None


def disputable() -> frozenset[str]:
    """Return the states in which what was answered may be disputed."""
    found = Transition.objects.filter(permission=DISPUTE).values_list("from_state_id", flat=True)
    return frozenset(found)


def below(report_id: int, state: str) -> str:
    """Return the line with the link below what is told of a report; empty where we have no address.

    Parameters
    ----------
    state
        That of the case: of an answer the link says that one may dispute it, else where to see how far it is.
    """
    if not settings.PUBLIC_URL:
        return ""
    words = "Belum beres? Bantah jawaban ini" if state in disputable() else "Rincian laporan Anda"
    return f"{words}: {settings.PUBLIC_URL}/answers/{token(report_id)}"
