"""How fresh and whole the data behind the answers are: what `dangol status` knows, as evidence."""

from datetime import UTC, datetime
from typing import Any

from dangol.answers.evidence import Evidence
from dangol.answers.queries import GRADES_NOW, Query
from dangol.edges.lake import Lake, committed_at, opened
from dangol.edges.status import status
from dangol.settings import Settings
from dangol.tables import SUMMARIES

HEALTH = Query(
    "health",
    ("customers_live",),
    "",
    {
        "ko": "표, 스트림, 모델의 지금 상태입니다.",
        "en": "What the tables, the stream and the registry say of themselves now.",
    },
)


class StoreHealth:
    """See dangol.answers.tools.Health."""

    def __init__(self, lake: Lake, settings: Settings) -> None:
        self.lake = lake
        self.settings = settings

    def look(self) -> Evidence:
        """Raises StoreError when there are no customers yet."""
        now = self.lake.run(GRADES_NOW)
        told = status(self.settings)
        summaries = opened(self.settings.store.path / SUMMARIES.name)
        row: dict[str, Any] = {
            "customers": sum(row["customers"] for row in now.rows),
            "committed": now.source.committed_at,
            "newest": now.as_of,
            "running": bool(told["running"]),
            "received": told["messages"]["received"] or None,
            "rejected": told["messages"]["rejected"],
            "model": told["champion"]["version"],
            "summaries_committed": committed_at(summaries) if summaries else None,
            "warnings": list(told["warnings"]),
        }
        return Evidence(HEALTH, {}, (row,), now.sources, datetime.now(UTC))
