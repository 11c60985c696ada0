"""`dangol rejected`: messages that broke a rule and that nothing replaces yet, without a JVM.

A rejected message is open while no message of the inlet replaces it. A replacement that is rejected in its turn is open
itself: each message is replaced at most once, and a chain ends with one accepted message or with an open one.
"""

import base64
import heapq
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from dangol.errors import StoreError
from dangol.tables import EVENTS, INLET

COLUMNS = ["message_id", "source", "source_partition", "source_offset", "enqueued_time", "rejections", "value"]
EXAMPLES = 10
LONGEST_TEXT = 200


def open_rejections(store: Path, reason: str = "") -> Iterator[dict[str, Any]]:
    """COLUMNS of each open rejected message that has a reason with the text `reason` in it, in no order.

    Alike lines of one file are one message. Raises StoreError when there are no tables.
    """
    yield from rejections_of(opened(store / EVENTS.name), replaced(opened(store / INLET.name)), reason)


def rejections_of(events: DeltaTable, replaced_ids: set[str], reason: str = "") -> Iterator[dict[str, Any]]:
    seen = set(replaced_ids)
    for batch in events.scan(columns=COLUMNS, predicate="array_length(rejections) > 0"):
        for row in pa.record_batch(batch).to_pylist():
            if row["message_id"] not in seen and any(reason in sentence for sentence in row["rejections"]):
                seen.add(row["message_id"])
                yield row


def replaced(table: DeltaTable) -> set[str]:
    """message_id of the rejected messages that a message of the inlet replaces, read by the stream or not yet."""
    found = pa.table(table.scan(columns=["repairs"], predicate="kind = 'order' and repairs is not null"))
    return set(found["repairs"].to_pylist())


def opened(folder: Path) -> DeltaTable:
    try:
        return DeltaTable(folder)
    except TableNotFoundError:
        raise StoreError(f"there is no table {folder.name} under {folder.parent}; run dangol stream first") from None


def summary(store: Path, reason: str) -> dict[str, Any]:
    """{open, by_reason, newest}: how many messages are open, how many of them have each reason, the newest few."""
    count, by_reason = 0, Counter[str]()

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal count
        for row in open_rejections(store, reason):
            count += 1
            by_reason.update(row["rejections"])
            yield row

    newest = heapq.nlargest(EXAMPLES, counted(), key=lambda row: (row["enqueued_time"], row["message_id"]))
    examples = {
        row["message_id"]: {
            "from": " ".join(str(row[name]) for name in COLUMNS[1:4] if row[name] is not None),
            "enqueued_time": row["enqueued_time"].isoformat(),
            "rejections": "; ".join(row["rejections"]),
            "value": printable(row["value"] or b""),
        }
        for row in newest
    }
    return {"open": count, "by_reason": dict(by_reason.most_common()), "newest": examples}


def printable(value: bytes) -> str:
    """The beginning of a message, harmless to a terminal: what is not printable is escaped."""
    text = value[: 4 * LONGEST_TEXT].decode(errors="backslashreplace")
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:LONGEST_TEXT])
    return safe if len(value) <= LONGEST_TEXT else f"{safe}… ({len(value)} bytes)"


def json_line(row: dict[str, Any]) -> str:
    """A row of `open_rejections` as one line of JSON; the message as text under `value`, or, when it is not UTF-8, in
    base 64 under `value_base64`."""
    value = row["value"] or b""
    try:
        told = {"value": value.decode()}
    except UnicodeDecodeError:
        told = {"value_base64": base64.b64encode(value).decode()}
    fields = row | {"enqueued_time": row["enqueued_time"].isoformat()}
    return json.dumps({name: fields[name] for name in COLUMNS if name != "value"} | told, ensure_ascii=True)
