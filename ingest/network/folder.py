"""A folder on this machine into which a partner drops files.

A file is read when it is new or changed, by its name, size and time. One that is still being written is for
the partner to hide: names that begin with a dot or end in ``.part`` or ``.tmp`` are left alone, and to rename
such a file when it is whole is one step.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from geoplatform.errors import FeedUnavailable
from ingest.adapter import Cursor, Feed

UNFINISHED = (".part", ".tmp")


class FolderSession:
    """The files of one feed's folder, oldest first."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.folder = Path(unquote(urlsplit(feed.url).path))

    def __enter__(self) -> "FolderSession":
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def documents(self, path: str, cursor: Cursor | None) -> Iterator[tuple[bytes, Cursor]]:
        """See ``ingest.adapter.Session.documents``; ``path`` is a pattern such as ``*.csv``."""
        files = self._files(path or "*")
        names = {file.name for file in files}
        read = {name: mark for name, mark in (cursor or {}).items() if name in names}
        passed_over: list[str] = []
        for file in files:
            try:
                mark, body = self._changed(file, read.get(file.name))
            except (FeedUnavailable, OSError) as error:
                # One file must not keep out those behind it.
                passed_over.append(f"{file.name}: {getattr(error, 'strerror', None) or error}")
                continue
            if body is not None:
                read[file.name] = mark
                yield body, dict(read)
        if passed_over:
            raise FeedUnavailable(f"{self.feed.name}: not read: {'; '.join(passed_over)}")

    def _changed(self, file: Path, known: Any) -> tuple[list[int], bytes | None]:
        """Return size and time of a file and, where they are not the known ones, what it holds."""
        state = file.stat()
        mark = [state.st_size, state.st_mtime_ns]
        if known == mark:
            return mark, None
        if state.st_size > self.feed.max_bytes:
            raise FeedUnavailable(f"more than max_bytes {self.feed.max_bytes}")
        return mark, file.read_bytes()

    def _files(self, pattern: str) -> list[Path]:
        try:
            files = [file for file in self.folder.iterdir() if fnmatch(file.name, pattern)]
        except OSError as error:
            raise FeedUnavailable(f"{self.feed.name}: folder {self.folder}: {error.strerror}") from error
        whole = [file for file in files if file.is_file() and not _is_unfinished(file.name)]
        return sorted(whole, key=lambda file: (file.stat().st_mtime_ns, file.name))


def changed_file(former: Cursor, cursor: Cursor) -> tuple[str, datetime | None]:
    """Return name and time of the file that lies between two cursors, both empty where it was an address."""
    for name, mark in cursor.items():
        if isinstance(mark, list) and former.get(name) != mark:
            return name, datetime.fromtimestamp(mark[1] / 1e9, UTC)
    return "", None


def _is_unfinished(name: str) -> bool:
    return name.startswith(".") or name.endswith(UNFINISHED)
