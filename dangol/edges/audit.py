"""Who did what on the page: sign-ins, refusals, exports, views of customers, decisions; one JSON object a line."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from dangol.answers.policy import Role
from dangol.edges.pseudonyms import pseudonyms
from dangol.edges.question_log import LARGEST_BYTES, append, held, rotate
from dangol.errors import StoreError

FILE = "audit.jsonl"
Event = Literal[
    "sign_in", "sign_in_refused", "sign_out", "export", "download", "download_refused", "refused", "view", "decision"
]


class Audit:
    """`logs/audit.jsonl` under a store's home, only ever added to, and full ones as `.1` (the newest) and so on.

    It is for the owner's eyes alone. Any number of threads and processes may write to it.
    """

    def __init__(self, home: Path, *, largest_bytes: int = LARGEST_BYTES) -> None:
        self.home = home
        self.largest_bytes = largest_bytes

    def note(
        self, event: Event, name: str, role: Role | None, *, customer_ids: Sequence[str] = (), **details: str | int
    ) -> None:
        """One line: time (UTC), event, name, role, customers (how many), pseudonyms (theirs) and what `details` names.

        Details hold no customer's id and no secret. Raises StoreError when it cannot be written: what must be audited
        does not happen then.
        """
        line: dict[str, Any] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "event": event,
            "name": name,
            "role": role,
            "customers": len(customer_ids),
            "pseudonyms": pseudonyms(self.home, customer_ids),
        }
        try:
            with held(self.home / "logs") as folder:
                rotate(folder / FILE, self.largest_bytes)
                append(folder / FILE, (json.dumps(line | details, ensure_ascii=False) + "\n").encode())
        except OSError as error:
            path = self.home / "logs" / FILE
            raise StoreError(f"{path} cannot be written ({error.strerror}); make room for it") from error
