"""What came of a drill."""

from collections.abc import Callable
from dataclasses import dataclass, field

Figure = int | float | str


@dataclass
class Outcome:
    """What was lost and doubled, what nobody could tell afterwards, and the figures of the drill.

    Each entry of ``unclear`` is a sentence: a state that a person would have to look into.
    """

    lost: int = 0
    doubled: int = 0
    unclear: list[str] = field(default_factory=list)
    figures: dict[str, Figure] = field(default_factory=dict)

    def expect(self, is_so: bool, otherwise: str) -> None:
        """Note what is not as it must be."""
        if not is_so:
            self.unclear.append(otherwise)


Drill = Callable[[], Outcome]
