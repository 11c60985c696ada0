"""Files to take away: each for one person, once, within fifteen minutes, in a folder that its owner alone may enter."""

import os
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dangol.edges.people import Person
from dangol.errors import NoRightsError

EXPIRE_SECONDS = 15 * 60
MOST_OPEN = 5
"""So many files wait for a person; one more takes the place of the oldest."""
FOLDER = "exports"
SUPPRESSED = "suppressed.txt"
"""Beside the store: customer ids, one a line, who are never written to."""


class Export(NamedTuple):
    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Waiting:
    """A file that waits for a person until a time of the clock."""

    path: Path
    filename: str
    media_type: str
    person: Person
    until: float


class Exports:
    """Files under `home`/exports, by tokens that nobody can guess. Any number of threads may use it. A file goes when
    it is fetched or has expired; what an ended process has left goes with the next start."""

    def __init__(self, home: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = home / FOLDER
        self.clock = clock
        self.waiting: dict[str, Waiting] = {}
        self.lock = threading.Lock()
        self.clear_old()

    def add(self, export: Export, person: Person) -> str:
        """The token by which the person gets it."""
        token, path = secrets.token_urlsafe(32), self.folder / secrets.token_hex(16)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(export.content)
        until = self.clock() + EXPIRE_SECONDS
        with self.lock:
            theirs = [name for name, one in self.waiting.items() if one.person == person]
            for oldest in theirs[: max(0, len(theirs) + 1 - MOST_OPEN)]:
                self.waiting.pop(oldest).path.unlink(missing_ok=True)
            self.waiting[token] = Waiting(path, export.filename, export.media_type, person, until)
        timer = threading.Timer(EXPIRE_SECONDS + 1, self.sweep)
        timer.daemon = True
        timer.start()
        return token

    def take(self, token: str, person: Person) -> Export:
        """The file, which is then gone. Raises NoRightsError, with one and the same sentence, for a token that is
        another person's, used, expired or none."""
        self.sweep()
        with self.lock:
            found = self.waiting.get(token)
            if found is None or found.person != person:
                raise NoRightsError("this link is not yours, was used or has expired; export the audience again")
            del self.waiting[token]
        try:
            return Export(found.filename, found.media_type, found.path.read_bytes())
        except FileNotFoundError:
            raise NoRightsError("the file is no longer there; export the audience again") from None
        finally:
            found.path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Removes what has expired."""
        now = self.clock()
        with self.lock:
            expired = [token for token, one in self.waiting.items() if one.until <= now]
            gone = [self.waiting.pop(token) for token in expired]
        for one in gone:
            one.path.unlink(missing_ok=True)

    def clear_old(self) -> None:
        """Removes what an ended process has left; the files of one that runs are younger."""
        before = time.time() - EXPIRE_SECONDS
        for path in self.folder.glob("*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()
