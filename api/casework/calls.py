"""Which address takes a step: most go by their name alone, with some more goes than a step."""

STEPS = "steps"
# A returned case has to go to an office: the step alone would leave it with the one that returned it.
RETURNED = "/assign gives a returned case to an office, and /accept takes the offer"


def of(from_state: str, to_state: str, permission: str) -> str:
    """Return the address below a case that takes a step, by its states and permission."""
    match from_state, to_state, permission:
        case _, "returned", "answer":
            return "pass-on"
        case "returned", "assigned", "answer":
            return "accept"
        case "returned", "assigned", "decide":
            return "assign"
    return STEPS
