"""Runs a command of dangol and has it killed (SIGKILL) when it arrives at a point for the n-th time.

python driver.py '{"point": "after append", "of": "events", "count": 2}' stream --store DIR ...

Points: before, during or after an append of a table; before, during or after a snapshot; `file`, when a new file with
that pattern appears under the checkpoints. With `alone` the Python process is killed and its JVM left to find out,
else both. Product code knows nothing of this.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dangol import cli
from dangol.edges.store import TableStore

LOOK_SECONDS = 0.002
DURING_SECONDS = 0.15


def kill(alone: bool) -> None:
    if alone:
        os.kill(os.getpid(), signal.SIGKILL)
    os.killpg(0, signal.SIGKILL)


def at_call(name: str, when: str, of: str | None, count: int, strike: Callable[[], None]) -> None:
    """Strikes around the n-th call of a method of TableStore, for one table where `of` is given."""
    method = getattr(TableStore, name)
    calls = 0

    def wrapped(store: TableStore, *arguments: Any) -> Any:
        nonlocal calls
        calls += of is None or arguments[0].name == of
        due = calls == count and (of is None or arguments[0].name == of)
        if due and when == "before":
            strike()
        if due and when == "during":
            threading.Timer(DURING_SECONDS, strike).start()
        result = method(store, *arguments)
        if due:
            strike()
        return result

    setattr(TableStore, name, wrapped)


def at_file(folder: Path, pattern: str, count: int, strike: Callable[[], None]) -> None:
    """Strikes when n files have appeared that were not there at the start, even if they are gone again."""
    before = set(folder.glob(pattern))

    def watch() -> None:
        seen = set(before)
        while len(seen) < len(before) + count:
            time.sleep(LOOK_SECONDS)
            seen.update(folder.glob(pattern))
        strike()

    threading.Thread(target=watch, daemon=True).start()


def prepare(point: str, count: int, of: str | None = None, alone: bool = False, checkpoints: str = "") -> None:
    def strike() -> None:
        kill(alone)

    if point == "file":
        at_file(Path(checkpoints), str(of), count, strike)
    else:
        when, name = point.split()
        at_call(name, when, of, count, strike)


if __name__ == "__main__":
    wanted = json.loads(sys.argv[1])
    if wanted:
        prepare(**wanted)
    cli.main(sys.argv[2:])
