"""Messages of the bus that `dangol forget` removed from `events`: they are not missing, and a new checkpoint of ledger
that reads the bus again leaves them out. Whose they were is not written down."""

import json
from collections.abc import Mapping
from pathlib import Path

from dangol.edges.manifest import write_json

FILE = "forgotten.json"
Forgotten = dict[tuple[str, int], str]
"""By (source_partition, source_offset): the message_id, for a topic that was made anew has other messages there."""


def read_forgotten(checkpoints: Path) -> Forgotten:
    try:
        found = json.loads((checkpoints / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return {
        (partition, int(offset)): message_id
        for partition, messages in found.items()
        for offset, message_id in messages.items()
    }


def add_forgotten(checkpoints: Path, messages: Mapping[tuple[str, int], str]) -> None:
    by_partition: dict[str, dict[str, str]] = {}
    for (partition, offset), message_id in (read_forgotten(checkpoints) | dict(messages)).items():
        by_partition.setdefault(partition, {})[str(offset)] = message_id
    if by_partition:
        write_json(checkpoints / FILE, by_partition)
