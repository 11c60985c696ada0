"""What Spark wrote down in the checkpoint of a query: how far it has read, and its watermark."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Progress:
    """The last committed micro-batch of a query. `offsets` has an entry for each source in the order of the plan: how
    far the query has read, as that source tells it; null where it has read nothing."""

    batch_id: int
    watermark: datetime
    offsets: tuple[Any, ...]


def progress(checkpoint: Path) -> Progress | None:
    """How far a query has come; none where it has committed no micro-batch."""
    committed = [int(file.name) for file in (checkpoint / "commits").glob("*") if file.name.isdigit()]
    if not committed:
        return None
    batch_id = max(committed)
    _version, metadata, *offsets = (checkpoint / "offsets" / str(batch_id)).read_text("utf-8").splitlines()
    watermark = datetime.fromtimestamp(json.loads(metadata)["batchWatermarkMs"] / 1000, UTC)
    return Progress(batch_id, watermark, tuple(None if line == "-" else json.loads(line) for line in offsets))


def first_open_day(checkpoint: Path) -> date | None:
    """The shop's first day that the query `days` has not closed; none before it has seen an order.

    Its watermark is wall time of the shop. The batch that is committed with a watermark has closed all days before it.
    """
    come = progress(checkpoint)
    return come.watermark.date() if come and come.watermark.timestamp() > 0 else None
