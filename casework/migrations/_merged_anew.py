"""SQL of the migration on reports that are merged anew once they are there again; a changed one is a new migration."""

from casework.migrations._missed_alone import UNHEARD as UNHEARD_FORMER
from casework.migrations._there_again import MEMBERS as MEMBERS_FORMER

_AGAIN = "change.from_state_id = 'withdrawn'\n"
# What was gone when its merge was undone was withdrawn then, and could not be merged anew.
_OR_PARTED = "change.from_state_id IN ('withdrawn', 'duplicate')\n"
_SAID = "-- Behind the last time it was there again, if it was merged then.\n"
_OR_SAID = "-- Behind the last time it was there again or parted, if it was merged then.\n"
MEMBERS = MEMBERS_FORMER.replace(_AGAIN, _OR_PARTED).replace(_SAID, _OR_SAID)
UNHEARD = UNHEARD_FORMER.replace(_AGAIN, _OR_PARTED).replace(_SAID, _OR_SAID)
