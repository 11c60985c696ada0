"""What was asked, without whom or in which words: one JSON object a line, for whoever watches over rights."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

import structlog

from dangol.answers.intents import Scope
from dangol.edges.pseudonyms import pseudonym, pseudonyms
from dangol.errors import StoreError

log = structlog.get_logger()
FILE = "questions.jsonl"
LARGEST_BYTES = 10 * 2**20
KEPT_FILES = 4
"""So many full files are kept beside the one that is written to."""


class Asked(Protocol):
    """What the log wants to know of an answer."""

    @property
    def language(self) -> str: ...

    @property
    def intent(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def scope(self) -> Scope: ...

    @property
    def writer(self) -> str: ...


class QuestionLog:
    """`logs/questions.jsonl` under a store's home, and full ones as `.1` (the newest) and so on; for the owner's eyes
    alone. Any number of threads and processes may write to it."""

    def __init__(self, home: Path, *, largest_bytes: int = LARGEST_BYTES) -> None:
        self.home = home
        self.largest_bytes = largest_bytes

    def note(self, answer: Asked, role: str, seconds: float) -> None:
        """One line: time (UTC), language, intent, status, role, customers (how many are in scope), pseudonyms (theirs),
        grades, period, writer, milliseconds. Neither the question nor an id is written.

        An answer does not fail for its log: what cannot be written is told in the process's own log.
        """
        try:
            line = json.dumps(self.entry(answer, role, seconds), ensure_ascii=False) + "\n"
            with held(self.home / "logs") as folder:
                rotate(folder / FILE, self.largest_bytes)
                append(folder / FILE, line.encode())
        except (OSError, StoreError) as error:
            log.warning("question not logged", reason=str(error))

    def entry(self, answer: Asked, role: str, seconds: float) -> dict[str, Any]:
        scope = answer.scope
        return {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "language": answer.language,
            "intent": answer.intent,
            "status": answer.status,
            "role": role,
            "customers": len(scope.customer_ids),
            "pseudonyms": pseudonyms(self.home, scope.customer_ids),
            "grades": list(scope.grades),
            "period": {"from": told(scope.period.start), "to": told(scope.period.end)},
            "writer": answer.writer,
            "milliseconds": round(seconds * 1000),
        }


def told(day: date | None) -> str | None:
    return day.isoformat() if day else None


def files(folder: Path) -> list[Path]:
    """The files of the log that are there, the newest first."""
    names = [FILE, *(f"{FILE}.{number}" for number in range(1, KEPT_FILES + 1))]
    return [folder / name for name in names if (folder / name).exists()]


def mentions(home: Path, customer_id: str) -> int:
    """How many lines are about a customer."""
    name = pseudonym(home, customer_id).encode()
    return sum(name in line for file in files(home / "logs") for line in file.read_bytes().splitlines())


def forget(home: Path, customer_id: str) -> int:
    """Removes the lines that are about a customer; how many."""
    name, removed = pseudonym(home, customer_id).encode(), 0
    with held(home / "logs") as folder:
        for file in files(folder):
            lines = file.read_bytes().splitlines(keepends=True)
            kept = [line for line in lines if name not in line]
            if len(kept) < len(lines):
                draft = file.with_name(f"{FILE}.tmp")
                draft.unlink(missing_ok=True)
                append(draft, b"".join(kept))
                draft.replace(file)
                removed += len(lines) - len(kept)
    return removed


@contextmanager
def held(folder: Path) -> Iterator[Path]:
    """The folder of the log, for one writer at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(lock)


def rotate(file: Path, largest_bytes: int) -> None:
    """Makes room for a new file when this one is full; the oldest goes."""
    if not file.exists() or file.stat().st_size < largest_bytes:
        return
    for number in reversed(range(1, KEPT_FILES)):
        older = file.with_name(f"{file.name}.{number}")
        if older.exists():
            older.replace(file.with_name(f"{file.name}.{number + 1}"))
    file.replace(file.with_name(f"{file.name}.1"))


def append(file: Path, content: bytes) -> None:
    """To a file that its owner alone can read."""
    opened = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(opened, "ab") as writer:
        writer.write(content)
