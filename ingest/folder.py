"""A folder on this machine into which a partner drops files.

A file is read when it is new or changed, by its name, size and time. One that is still being written is for
the partner to hide: names that begin with a dot or end in ``.part`` or ``.tmp`` are left alone, and to rename
such a file when it is whole is one step.
"""

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
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
        for file in files:
            state = file.stat()
            mark = [state.st_size, state.st_mtime_ns]
            if read.get(file.name) == mark:
                continue
            if state.st_size > self.feed.max_bytes:
                raise FeedUnavailable(
                    f"{self.feed.name}: {file.name}: more than max_bytes {self.feed.max_bytes}"
                )
            read[file.name] = mark
            yield file.read_bytes(), dict(read)

    def _files(self, pattern: str) -> list[Path]:
        try:
            files = [file for file in self.folder.iterdir() if fnmatch(file.name, pattern)]
        except OSError as error:
            raise FeedUnavailable(f"{self.feed.name}: folder {self.folder}: {error.strerror}") from error
        whole = [file for file in files if file.is_file() and not _is_unfinished(file.name)]
        return sorted(whole, key=lambda file: (file.stat().st_mtime_ns, file.name))


def _is_unfinished(name: str) -> bool:
    return name.startswith(".") or name.endswith(UNFINISHED)
