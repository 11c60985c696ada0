"""Positions of the bus whose messages `dangol forget` removed from `events`: they are not missing, and a new checkpoint
of ledger that reads the bus again leaves them out. Whose they were is not written down."""

import json
from collections.abc import Iterable
from pathlib import Path

from dangol.edges.manifest import write_json

FILE = "forgotten.json"
Positions = set[tuple[str, int]]
"""(source_partition, source_offset) of messages of the broker."""


def read_forgotten(checkpoints: Path) -> Positions:
    try:
        found = json.loads((checkpoints / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return set()
    return {(partition, offset) for partition, offsets in found.items() for offset in offsets}


def add_forgotten(checkpoints: Path, positions: Iterable[tuple[str, int]]) -> None:
    by_partition: dict[str, list[int]] = {}
    for partition, offset in sorted(read_forgotten(checkpoints) | set(positions)):
        by_partition.setdefault(partition, []).append(offset)
    write_json(checkpoints / FILE, by_partition)
