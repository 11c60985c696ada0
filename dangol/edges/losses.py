"""Messages that the bus forgot before they were read: found, refused, or accepted and written down."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from dangol.errors import SourceError, StoreError
from dangol.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = structlog.get_logger()

Ends = dict[int, tuple[int, int]]
"""By partition: the offset of the oldest message that the bus has, and of the next that it will have."""


@dataclass(frozen=True)
class Loss:
    """Offsets lost_from up to kept_from, that one excluded, which a query will never read."""

    query: str
    partition: str
    lost_from: int
    kept_from: int

    def __str__(self) -> str:
        return f"{self.partition} offsets {self.lost_from} to {self.kept_from - 1}"


def check(spark: "SparkSession", settings: Settings, queries: Mapping[str, Path], *, accept: bool) -> None:
    """Is the bus there, and does it still have what the queries, given with their checkpoint folders, have not read?

    Raises SourceError when not. With `accept` the losses are written down instead, and the checkpoints go on from the
    oldest message that is left. The queries must not run.
    """
    from dangol.edges.sources import kafka_options, topic_offsets

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
    """What a query will miss; nothing where it has not begun. Raises SourceError when the topic is another one."""
    files = offset_files(checkpoint, topic)
    begun = read_offsets(files[0], topic) if files else {}
    for number, at in begun.items():
        following = ends[number][1] if number in ends else 0
        if following < at:
            raise SourceError(
                f"{topic} is not the topic that was read: {query} has read {topic}/{number} up to {at}, "
                f"and it ends at {following}; give source.topic its name, or replay into a new --store"
            )
    partitions = sorted(ends) if begun else []
    starts = {number: (begun.get(number, 0), ends[number][0]) for number in partitions}
    return [Loss(query, f"{topic}/{number}", at, oldest) for number, (at, oldest) in starts.items() if oldest > at]


def offset_files(checkpoint: Path, topic: str) -> list[Path]:
    """The file that says where the next micro-batch begins, and, if that is planned already, the one where it ends."""
    last = max((int(file.name) for file in checkpoint.glob("commits/*") if file.name.isdigit()), default=-1)
    begun = [checkpoint / "offsets" / str(last)] if last >= 0 else sorted(checkpoint.glob("sources/*/0"))
    files = [*begun, checkpoint / "offsets" / str(last + 1)]
    return [file for file in files if file.exists() and read_offsets(file, topic)]


def read_offsets(file: Path, topic: str) -> dict[int, int]:
    """{partition: offset} of the topic in an offset file of Spark's; empty where it has none. Raises StoreError."""
    version, *lines = file.read_bytes().lstrip(b"\0").splitlines()
    if version != b"v1":
        raise StoreError(f"{file} has format {version!r}; this version knows v1 alone")
    for line in lines:
        if offsets := of_topic(line, topic):
            return {int(number): int(offset) for number, offset in offsets.items()}
    return {}


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
    for file in offset_files(checkpoint, topic):
        offsets = read_offsets(file, topic)
        for loss in lost:
            number = int(loss.partition.rpartition("/")[2])
            offsets[number] = max(offsets.get(number, 0), loss.kept_from)
        written = json.dumps({topic: {str(number): offsets[number] for number in sorted(offsets)}}).encode()
        lines = file.read_bytes().split(b"\n")
        moved = b"\n".join(written if of_topic(line, topic) else line for line in lines)
        file.with_name(f".{file.name}.crc").unlink(missing_ok=True)  # the sum that Hadoop's local file system checks
        draft = file.with_name(f".{file.name}.draft")
        draft.write_bytes(moved)
        draft.replace(file)


def read_losses(checkpoints: Path) -> list[dict[str, Any]]:
    """The accepted losses of a store: [{query, partition, lost_from, kept_from, accepted_at}]."""
    try:
        found: list[dict[str, Any]] = json.loads((checkpoints / "losses.json").read_text("utf-8"))
    except FileNotFoundError:
        return []
    return found


def lost_ranges(checkpoints: Path) -> list[tuple[str, int, int]]:
    """(source_partition, first offset, offset after the last) of what `events` lacks by accepted losses."""
    lost = [loss for loss in read_losses(checkpoints) if loss["query"] == "ledger"]
    return [(loss["partition"], loss["lost_from"], loss["kept_from"]) for loss in lost]


def write_losses(checkpoints: Path, lost: Sequence[Loss]) -> None:
    """Adds losses to those of the store; one that is there already, from an accepting that broke off, is replaced."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    kept = {identity(loss): loss for loss in read_losses(checkpoints)}
    for loss in lost:
        entry = asdict(loss) | {"accepted_at": now}
        kept[identity(entry)] = entry
    draft = checkpoints / "losses.json.tmp"
    draft.write_text(json.dumps(list(kept.values()), indent=2) + "\n", "utf-8")
    draft.replace(checkpoints / "losses.json")


def identity(loss: dict[str, Any]) -> tuple[str, str, int]:
    return loss["query"], loss["partition"], loss["lost_from"]
