"""What the checkpoints of a store were made with, the settings of its last start, and the lock that keeps a second
driver out."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from dangol.errors import StoreError

QUERIES = ("ledger", "grades", "days")


@dataclass(frozen=True)
class Manifest:
    """`generations` counts each query's checkpoints: a rebuild begins a new one. `identity` may not change while they
    live. `built_at` is when the state of grades was begun, in ISO 8601. The query `days` leaves out the days up to
    `days_after`, an ISO 8601 date: they were closed with an earlier checkpoint. `outgrown` are the customers who were
    found to have more orders than state.max_orders, and are ignored since. `stale` says why only a rebuild may go on
    with them; null while the stream may."""

    generations: dict[str, int]
    built_at: str
    identity: dict[str, Any]
    days_after: str | None = None
    outgrown: list[str] = field(default_factory=list)
    stale: str | None = None

    @property
    def generation(self) -> int:
        return self.generations["grades"]

    @property
    def first_day(self) -> date | None:
        """The day that the query `days` leaves out together with all before; none when it leaves out nothing."""
        return date.fromisoformat(self.days_after) if self.days_after else None

    def age_days(self, now: datetime) -> int:
        return (now - datetime.fromisoformat(self.built_at)).days

    def checkpoint(self, checkpoints: Path, query: str) -> Path:
        return checkpoints / f"{query}-{self.generations[query]}"


def read_manifest(checkpoints: Path) -> Manifest | None:
    """The manifest, or none where no stream has run. Raises StoreError when it cannot be read."""
    path = checkpoints / "manifest.json"
    try:
        return Manifest(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise StoreError(f"{path} is damaged ({error}); move it away and run dangol rebuild") from None


def write_manifest(checkpoints: Path, manifest: Manifest) -> None:
    write_json(checkpoints / "manifest.json", asdict(manifest))


def read_settings(store: Path) -> dict[str, Any]:
    """The settings of the last start of a store's stream, without secrets; none where none has run."""
    path = store / "settings.json"
    try:
        read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise StoreError(f"{path} is damaged ({error}); remove it and start the stream with its settings") from None
    return read


def write_settings(store: Path, settings: dict[str, Any]) -> None:
    write_json(store / "settings.json", settings)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """The whole file or none of it, also when the machine dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".tmp")
    with draft.open("w", encoding="utf-8") as file:
        file.write(json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def refuse_mismatch(found: Manifest, identity: dict[str, Any]) -> None:
    """Raises StoreError when the checkpoint is stale, or was made with something else than is asked now."""
    if found.stale:
        raise StoreError(f"{found.stale}; run dangol rebuild to make a new checkpoint from events")
    for name, value in identity.items():
        if found.identity.get(name) != value:
            raise StoreError(
                f"the checkpoint was made with {name} = {found.identity.get(name)}, not {value}; "
                "start the stream as before, or run dangol rebuild to make a new checkpoint from events"
            )


@contextmanager
def only_driver(checkpoints: Path, runs: str = "the stream", stop: str = "dangol stop") -> Iterator[None]:
    """Holds the checkpoint for this process. Raises StoreError, with the holder's process id, when another has it;
    `runs` is what holds it, `stop` how that is stopped.

    The lock is on the folder: a lock file could be deleted, and a second driver would then lock its successor.
    """
    checkpoints.mkdir(parents=True, exist_ok=True)
    folder = os.open(checkpoints, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            process = holder(checkpoints)
            raise StoreError(
                f"{runs} of {checkpoints} runs already{f' as process {process}' if process else ''}; "
                f"stop it first: {stop}"
            ) from None
        pid_file(checkpoints).write_text(str(os.getpid()), "utf-8")
        stop_flag(checkpoints).unlink(missing_ok=True)
        yield
    finally:
        os.close(folder)


def holder(checkpoints: Path) -> int | None:
    """The process id of the driver that runs on this checkpoint, 0 when its file was deleted; none without a driver."""
    try:
        folder = os.open(checkpoints, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(folder, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        path = pid_file(checkpoints)
        return int(path.read_text("utf-8") or 0) if path.exists() else 0
    finally:
        os.close(folder)
    return None


def pid_file(checkpoints: Path) -> Path:
    return checkpoints / "lock"


def stop_flag(checkpoints: Path) -> Path:
    """The file that asks the driver on this checkpoint to stop between two micro-batches."""
    return checkpoints / "stop"
