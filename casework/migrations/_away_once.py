"""SQL of the migration by which what had ended, and goes on since, is carried again; a changed one is a new migration."""

from casework.migrations._ahead import _ONCE, _TWICE
from casework.migrations._away import CARRIED as CARRIED_BEFORE

# 0069 followed clusters once, but by the function from before 0051: it knew no turn that had ended at an instant.
CARRIED = CARRIED_BEFORE.replace(_TWICE, _ONCE)
