"""What went wrong on the pages of a test, apart from what had to."""


class Wrong:
    """Lines of a browser's console, errors of scripts, requests to others; what is expected is left out."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._expected: list[str] = []

    def note(self, line: str) -> None:
        """Note what went wrong, unless it was expected."""
        if not any(text in line for text in self._expected):
            self.lines.append(line)

    def expect(self, text: str) -> None:
        """Take what had to go wrong off the list; it must have, and from now on it may again."""
        assert [line for line in self.lines if text in line]
        self._expected.append(text)
        self.lines[:] = [line for line in self.lines if text not in line]
