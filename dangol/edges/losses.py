"""Messages that the bus forgot before they were read: found, refused, or accepted and written down."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from pyspark.sql import SparkSession

from dangol.edges.sources import kafka_options, topic_offsets
from dangol.errors import SourceError, StoreError
from dangol.settings import Settings

log = structlog.get_logger()

Ends = dict[int, tuple[int, int]]
"""By partition: the offset of the oldest message that the bus has, and of the next that it will have."""


@dataclass(frozen=True)
class Loss:
    """Offsets lost_from up to kept_from, that one excluded, which a query will never read.

    kept_from lies below lost_from where the topic was made anew, and is null where the partition is gone: then nobody
    knows how many messages were lost.
    """

    query: str
    partition: str
    lost_from: int
    kept_from: int | None

    @property
    def messages(self) -> int | None:
        known = self.kept_from is not None and self.kept_from > self.lost_from
        return self.kept_from - self.lost_from if known and self.kept_from is not None else None

    def __str__(self) -> str:
        if self.kept_from is None:
            return f"{self.partition} is gone after offset {self.lost_from}"
        if self.messages is None:
            return f"{self.partition} was made anew after offset {self.lost_from}"
        return f"{self.partition} offsets {self.lost_from} to {self.kept_from - 1}"


def check(spark: SparkSession, settings: Settings, queries: Mapping[str, Path], *, accept: bool) -> None:
    """Is the bus there, and does it still have what the queries, given with their checkpoint folders, have not read?

    Raises SourceError when not. With `accept` the losses are written down instead, and the checkpoints go on from the
    oldest message that is left. The queries must not run.
    """
    source = settings.source
    if source.kind == "kafka" and source.login != "service_credential":  # that works inside Spark's source alone
        ends = topic_offsets(spark, kafka_options(source))
        settle(settings.store.checkpoints, queries, source.topic, ends, accept=accept)
    elif accept:
        raise SourceError(f"--accept-loss is not for source.kind {source.kind} with source.login {source.login}")


def settle(checkpoints: Path, queries: Mapping[str, Path], topic: str, ends: Ends, *, accept: bool) -> None:
    lost = [loss for query, folder in queries.items() for loss in losses(query, folder, topic, ends)]
    if not lost:
        return
    if not accept:
        raise SourceError(
            f"the bus no longer has messages that were not read yet: {told(lost)}. Nothing was skipped. "
            "Lengthen the bus's retention, send the messages again if you can, "
            "and start the stream with --accept-loss to go on from what is left"
        )
    write_losses(checkpoints, lost)  # first: who is stopped between the two is asked again
    for query, folder in queries.items():
        go_on(folder, topic, [loss for loss in lost if loss.query == query])
    log.warning("loss accepted", lost=told(lost))


def told(lost: Iterable[Loss]) -> str:
    by_query: dict[str, list[str]] = {}
    for loss in lost:
        by_query.setdefault(loss.query, []).append(str(loss))
    return "; ".join(f"by {query} {', '.join(parts)}" for query, parts in by_query.items())


def losses(query: str, checkpoint: Path, topic: str, ends: Ends) -> list[Loss]:
    """What a query will miss; nothing where it has not begun."""
    files = offset_files(checkpoint)
    begun = read_offsets(files[0], topic) if files else None
    if begun is None:
        return []
    lost = []
    for number in sorted(begun.keys() | ends.keys()):
        at = begun.get(number, 0)
        oldest, following = ends.get(number, (None, None))
        if oldest is None or following is None or oldest > at or following < at:
            lost.append(Loss(query, f"{topic}/{number}", at, oldest))
    return lost


def offset_files(checkpoint: Path) -> list[Path]:
    """The file that says where the next micro-batch begins, and, if that is planned already, the one where it ends."""
    planned, done = numbered(checkpoint / "offsets"), numbered(checkpoint / "commits")
    last = max(done, default=-1)
    first = checkpoint / "offsets" / str(last) if last >= 0 else checkpoint / "sources" / "0" / "0"
    files = [first, checkpoint / "offsets" / str(last + 1)] if last + 1 in planned else [first]
    return [file for file in files if file.exists()]


def numbered(folder: Path) -> list[int]:
    return [int(file.name) for file in folder.glob("[0-9]*") if file.name.isdecimal()]


def read_offsets(file: Path, topic: str) -> dict[int, int] | None:
    """{partition: offset} of the topic in an offset file of Spark's; null where it has none. Raises StoreError."""
    version, *lines = file.read_bytes().lstrip(b"\0").splitlines()
    if version != b"v1":
        raise StoreError(f"{file} has format {version!r}; this version knows v1 alone")
    for line in lines:
        if (offsets := of_topic(line, topic)) is not None:
            return {int(number): int(offset) for number, offset in offsets.items()}
    return None


def of_topic(line: bytes, topic: str) -> dict[str, int] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None  # a source without an offset is a dash
    offsets = found.get(topic) if isinstance(found, dict) else None
    return offsets if isinstance(offsets, dict) else None


def go_on(checkpoint: Path, topic: str, lost: Sequence[Loss]) -> None:
    """Moves the checkpoint past what was lost, also the end of a micro-batch that was planned and not done."""
    if not lost:
        return
    for file in offset_files(checkpoint):
        offsets = read_offsets(file, topic) or {}
        for loss in lost:
            number = int(loss.partition.rpartition("/")[2])
            if loss.kept_from is None:
                offsets.pop(number, None)
            elif loss.messages is None:
                offsets[number] = loss.kept_from
            else:
                offsets[number] = max(offsets.get(number, 0), loss.kept_from)
        written = json.dumps({topic: {str(number): offsets[number] for number in sorted(offsets)}}).encode()
        lines = file.read_bytes().split(b"\n")
        moved = b"\n".join(written if of_topic(line, topic) is not None else line for line in lines)
        file.with_name(f".{file.name}.crc").unlink(missing_ok=True)  # the sum that Hadoop's local file system checks
        draft = file.with_name(f".{file.name}.draft")
        draft.write_bytes(moved)
        draft.replace(file)


def read_losses(checkpoints: Path) -> list[dict[str, Any]]:
    """The accepted losses of a store: [{query, partition, lost_from, kept_from, messages, accepted_at}]."""
    try:
        found: list[dict[str, Any]] = json.loads((checkpoints / "losses.json").read_text("utf-8"))
    except FileNotFoundError:
        return []
    return found


def lost_messages(checkpoints: Path) -> int:
    """How many messages `events` lacks by accepted losses, as far as that is known."""
    return sum(loss["messages"] or 0 for loss in read_losses(checkpoints) if loss["query"] == "ledger")


def write_losses(checkpoints: Path, lost: Sequence[Loss]) -> None:
    """Adds losses to those of the store; one that is there already, from an accepting that broke off, is replaced."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    kept = {identity(loss): loss for loss in read_losses(checkpoints)}
    for loss in lost:
        entry = asdict(loss) | {"messages": loss.messages, "accepted_at": now}
        kept[identity(entry)] = entry
    draft = checkpoints / "losses.json.tmp"
    draft.write_text(json.dumps(list(kept.values()), indent=2) + "\n", "utf-8")
    draft.replace(checkpoints / "losses.json")


def identity(loss: dict[str, Any]) -> tuple[str, str, int]:
    return loss["query"], loss["partition"], loss["lost_from"]
