"""What a checkpoint was made with, kept beside it, and the lock that keeps a second driver out."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dangol.errors import StoreError


@dataclass(frozen=True)
class Manifest:
    """`identity` may not change while the checkpoint lives; `settings` are those of the last start."""

    generation: int
    identity: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)


def read_manifest(checkpoints: Path) -> Manifest | None:
    """The manifest, or none where no stream has run. Raises StoreError when it cannot be read."""
    path = checkpoints / "manifest.json"
    try:
        return Manifest(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise StoreError(f"{path} is damaged ({error}); move {checkpoints} away and run the stream again") from None


def write_manifest(checkpoints: Path, manifest: Manifest) -> None:
    checkpoints.mkdir(parents=True, exist_ok=True)
    draft = checkpoints / "manifest.json.tmp"
    draft.write_text(json.dumps(asdict(manifest), indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    draft.replace(checkpoints / "manifest.json")


def refuse_mismatch(found: Manifest, identity: dict[str, Any]) -> None:
    """Raises StoreError when the checkpoint was made with something else than is asked now."""
    for name, value in identity.items():
        if found.identity.get(name) != value:
            raise StoreError(
                f"the checkpoint was made with {name} = {found.identity.get(name)}, not {value}; "
                "start the stream as before, or give a new --store"
            )


@contextmanager
def only_driver(checkpoints: Path) -> Iterator[None]:
    """Holds the checkpoint for this process. Raises StoreError, with the holder's process id, when another has it."""
    checkpoints.mkdir(parents=True, exist_ok=True)
    with (checkpoints / "lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(
                f"the stream of {checkpoints} runs already as process {holder(checkpoints)}; stop it first"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def holder(checkpoints: Path) -> int | None:
    """The process id of the driver that runs on this checkpoint, or none."""
    path = checkpoints / "lock"
    if not path.exists():
        return None
    with path.open("r", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(path.read_text("utf-8") or 0)
    return None
