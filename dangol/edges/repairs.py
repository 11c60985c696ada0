"""`dangol replay-rejected`: messages that replace rejected ones, through the inlet."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from delta.exceptions import ConcurrentTransactionException
from deltalake import DeltaTable

from dangol.edges import inlet
from dangol.edges.rejections import opened, printable, rejections_of, replaced
from dangol.edges.sinks import parsed
from dangol.edges.store import TableStore
from dangol.errors import SourceError, StoreError
from dangol.settings import Settings
from dangol.tables import EVENTS, INLET

REPAIR = "repair"
PROBLEMS = 20


@dataclass(frozen=True)
class Correction:
    """`message_id` of the rejected message, `value` that replaces it, `line` of the file that said so, from 1."""

    message_id: str
    value: bytes
    line: int = 0


def replay_rejected(store: TableStore, settings: Settings, data: Path | None) -> dict[str, int]:
    """{open, repaired}: how many messages were open, and how many replacements have entered the inlet.

    Without `data` every open message is judged anew as it was received, and those that pass now enter. With it, each
    line is {"message_id", "value"}, the corrected text of an open message, and all must pass.
    Raises SourceError with a sentence per line that does not fit, StoreError when another command was faster; then
    nothing has been written.
    """
    events, table = opened(store.root / EVENTS.name), opened(store.root / INLET.name)
    there = {row["message_id"]: row["value"] or b"" for row in rejections_of(events, replaced(table))}
    offered = corrections(data, events, there) if data else [Correction(*message) for message in sorted(there.items())]
    now = datetime.now(UTC)
    reasons = judged(store, settings, offered, now)
    if data:
        refuse(data, [f"line {c.line}: {'; '.join(why)}" for c, why in zip(offered, reasons, strict=True) if why])
    good = [correction for correction, why in zip(offered, reasons, strict=True) if not why]
    if good:
        write(store, good, table, now, settings.ingest.max_messages_per_batch)
    return {"open": len(there), "repaired": len(good)}


def corrections(data: Path, events: DeltaTable, there: dict[str, bytes]) -> list[Correction]:
    """The lines of a file of corrections. Raises SourceError when one does not name an open message."""
    try:
        lines = data.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{data} cannot be read ({error}); expected lines of dangol rejected --json") from error
    rejected_ids = {row["message_id"] for row in rejections_of(events, set())}
    read, problems, seen = list[Correction](), list[str](), dict[str, int]()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        found = correction(line, number)
        if isinstance(found, str):
            problems.append(f"line {number}: {found}")
        elif found.message_id not in rejected_ids:
            problems.append(f"line {number}: there is no rejected message {printable(found.message_id.encode())}")
        elif found.message_id not in there:
            problems.append(f"line {number}: message {found.message_id} has a replacement already; remove the line")
        elif found.message_id in seen:
            problems.append(f"line {number}: message {found.message_id} is in line {seen[found.message_id]} already")
        else:
            seen[found.message_id] = number
            read.append(found)
    refuse(data, problems)
    return read


def correction(line: str, number: int) -> Correction | str:
    """The correction that a line holds, or why it holds none."""
    try:
        fields = json.loads(line)
        message_id, value = fields["message_id"], fields["value"]
        return Correction(message_id.strip(), value.encode(), number)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return 'expected {"message_id": "...", "value": "the corrected message as text"}'


def refuse(data: Path, problems: list[str]) -> None:
    if problems:
        more = f"\n... and {len(problems) - PROBLEMS} more" if len(problems) > PROBLEMS else ""
        listed = "\n".join(problems[:PROBLEMS])
        raise SourceError(f"nothing was written, for {data} has lines that do not fit:\n{listed}{more}")


def judged(store: TableStore, settings: Settings, offered: Sequence[Correction], now: datetime) -> list[list[str]]:
    """Per message the reasons to reject it, by the rules of now, as if it arrived now."""
    rows = inlet.orders(store, [message.value for message in offered], REPAIR, REPAIR, now)
    messages = rows.selectExpr(
        "value",
        "'inlet' as source",
        "origin as source_partition",
        "position as source_offset",
        "enqueued_time",
        "repairs",
    )
    found = parsed(messages, settings).select("source_offset", "rejections").collect()
    by_position = {row["source_offset"]: row["rejections"] for row in found}
    return [by_position[position] for position in range(len(offered))]


def write(store: TableStore, good: list[Correction], read: DeltaTable, now: datetime, rows_per_file: int) -> None:
    """Enters replacements in one commit, if no other command has entered any since the inlet was `read`."""
    ids = [message.message_id for message in good]
    values = [message.value for message in good]
    origin = f"{REPAIR}/{sha256(json.dumps([ids, now.isoformat()]).encode()).hexdigest()[:16]}"
    last = read.transaction_version(REPAIR)
    rows = inlet.orders(store, values, REPAIR, origin, now, ids)
    try:
        inlet.enter(store, rows, rows_per_file, (REPAIR, 0 if last is None else last + 1))
        entered = inlet.entered(store, origin)
    except ConcurrentTransactionException:
        entered = False
    if not entered:  # Delta passes over a number that another command has used meanwhile
        raise StoreError("another replay-rejected was faster and nothing was written; run it again")
