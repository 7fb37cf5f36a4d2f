"""Static files, compressed where they are collected; again only those that changed since.

Brotli at its best takes 20 s of processor for all, which each start of a server would wait for.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from whitenoise.storage import CompressedStaticFilesStorage

SAME_S = 0.001  # a time that was set anew loses its last digits


class StaticFilesStorage(CompressedStaticFilesStorage):
    """Files with a ``.br`` and a ``.gz`` beside each that grows smaller."""

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """Compress the files that were collected, as Django's ``collectstatic`` asks."""
        changed = {path: held for path, held in paths.items() if not self._is_compressed(path)}
        made: Iterator[tuple[str, str, bool]] = super().post_process(changed, dry_run, **options)
        return made

    def _is_compressed(self, path: str) -> bool:
        """Say whether the last of its forms is there, whole: it is given the file's own time then."""
        file = Path(self.path(path))
        packed = file.with_name(f"{file.name}.gz")
        return packed.exists() and abs(packed.stat().st_mtime - file.stat().st_mtime) < SAME_S
