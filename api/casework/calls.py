"""Which address takes a step: most go by their name alone, with some more goes than a step."""

from casework.models import Turn

STEPS, PASS_ON, ACCEPT, ASSIGN = "steps", "pass-on", "accept", "assign"
# A returned case has to go to an office: the step alone would leave it with the one that returned it.
RETURNED = "/assign gives a returned case to an office, and /accept takes the offer"


def of(from_state: str, to_state: str, permission: str) -> str:
    """Return the address below a case that takes a step, by its states and permission."""
    match from_state, to_state, permission:
        case _, "returned", "answer":
            return PASS_ON
        case "returned", "assigned", "answer":
            return ACCEPT
        case "returned", "assigned", "decide":
            return ASSIGN
    return STEPS


def open_to(office: str | None, running: Turn | None, offered: Turn | None) -> set[str]:
    """Return the addresses that would not refuse somebody, by whose turn it is.

    An office that was offered a case accepts it or passes it on; until then the one that has it answers.

    Parameters
    ----------
    office
        Whose cases alone they see; None: they see all.
    """
    asked = offered or running
    is_offered = bool(offered and offered.office_id and office in (None, offered.office_id))
    is_asked = bool(asked and asked.office_id and office in (None, asked.office_id))
    others = {ACCEPT: is_offered, PASS_ON: is_asked, STEPS: office is None or not is_offered}
    return {ASSIGN, *(address for address, is_open in others.items() if is_open)}
